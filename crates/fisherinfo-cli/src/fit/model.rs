//! From the command line and a file to a regression that can be fitted.

use crate::arguments::{FitArguments, MissingCells, Robust};
use crate::error::{Failure, nearest};
use fisherinfo::coordinates::link::{Link, LinkError};
use fisherinfo_table::glm::{
    Family, FamilyChoice, FamilyError, GlmError, Heteroscedasticity, Regression,
};
use fisherinfo_table::{Design, DesignOptions, Formula, Missing, ResponseKind, Table};
use std::path::PathBuf;

pub(crate) struct Model {
    pub(crate) data: PathBuf,
    pub(crate) formula: String,
    pub(crate) family: FamilyChoice,
    pub(crate) link: Link,
    pub(crate) robust: Heteroscedasticity,
    pub(crate) trials: Option<String>,
    /// The category that the others are held against, where it was named.
    pub(crate) reference: Option<String>,
    /// Of a response of labels: what counts as success, and the other level.
    pub(crate) labels: Option<[String; 2]>,
    pub(crate) design: Design,
    pub(crate) regression: Regression,
}

impl Model {
    pub(crate) fn read(arguments: &FitArguments) -> Result<Self, Failure> {
        let family = choice(&arguments.family)?;
        let link = match (&arguments.link, family) {
            (Some(name), _) => link(name)?,
            (None, FamilyChoice::Of(family)) => family.default_link(),
            (None, FamilyChoice::NegativeBinomial) => Link::Log,
            (None, FamilyChoice::Multinomial) => Link::Logit,
        };
        let multinomial = family == FamilyChoice::Multinomial;
        if multinomial {
            require_none_beside_multinomial(arguments, link)?;
        } else if arguments.reference.is_some() {
            return Err(Failure::ReferenceWithoutMultinomial);
        }
        if arguments.firth && family == FamilyChoice::NegativeBinomial {
            return Err(Failure::FirthWithShape);
        }
        let binomial = family == FamilyChoice::Of(Family::Binomial);
        if arguments.success.is_some() && !binomial {
            return Err(Failure::SuccessWithoutBinomial);
        }
        // The formula first: a slip in it should not wait for a long file.
        let formula = Formula::parse(&arguments.formula).map_err(Failure::Formula)?;
        let table = Table::read_csv(&arguments.data)?;
        let also: Vec<String> = arguments.trials.iter().cloned().collect();
        let options = DesignOptions {
            missing: match arguments.missing {
                MissingCells::Fail => Missing::Fail,
                MissingCells::Drop => Missing::Drop,
            },
            also: &also,
            response: if multinomial {
                ResponseKind::Labels
            } else if !binomial || arguments.trials.is_some() {
                ResponseKind::Numbers
            } else if arguments.success.is_some() {
                ResponseKind::Labels
            } else {
                ResponseKind::NumbersOrLabels
            },
        };
        let in_file = |error| Failure::Design {
            file: arguments.data.display().to_string(),
            error,
        };
        let mut design = Design::new(&table, &formula, &options).map_err(in_file)?;
        let mut labels = None;
        if design.response.levels.is_some() && !multinomial {
            let success = arguments.success.as_deref();
            let successes = design.response.successes(success).map_err(in_file)?;
            design.response.values = successes.values;
            labels = Some([successes.success, successes.failure]);
        }
        let at = |error| Failure::Fit {
            place: place(&arguments.data, &design, &error),
            error,
        };
        let mut regression = Regression::new(
            &design.response.values,
            &design.columns,
            &design.terms,
            design.intercept.then_some(0),
        )
        .map_err(at)?;
        if let Some((_, trials)) = design.also.first() {
            regression = regression.trials(trials).map_err(at)?;
        }
        Ok(Self {
            data: arguments.data.clone(),
            formula: formula.to_string(),
            family,
            link,
            robust: match arguments.robust {
                Robust::Hc0 => Heteroscedasticity::Hc0,
                Robust::Hc1 => Heteroscedasticity::Hc1,
                Robust::Hc2 => Heteroscedasticity::Hc2,
                Robust::Hc3 => Heteroscedasticity::Hc3,
            },
            trials: arguments.trials.clone(),
            reference: arguments.reference.clone(),
            labels,
            design,
            regression,
        })
    }

    /// A failure of the fit, with the file and, where one row is to blame, its line.
    pub(crate) fn failure(&self, error: GlmError) -> Failure {
        Failure::Fit {
            place: place(&self.data, &self.design, &error),
            error,
        }
    }
}

fn place(data: &std::path::Path, design: &Design, error: &GlmError) -> String {
    let file = data.display();
    match error.row().and_then(|row| design.lines.get(row)) {
        Some(line) => format!("{file}, line {line}"),
        None => file.to_string(),
    }
}

/// What a multinomial regression does not have.
fn require_none_beside_multinomial(arguments: &FitArguments, link: Link) -> Result<(), Failure> {
    let given = [
        (link != Link::Logit, "--link (it is the logit)"),
        (arguments.trials.is_some(), "--trials"),
        (arguments.success.is_some(), "--success"),
        (arguments.firth, "--firth"),
        (arguments.robust != Robust::Hc0, "--robust"),
        (arguments.plot.is_some(), "--plot"),
    ];
    match given.into_iter().find(|(given, _)| *given) {
        None => Ok(()),
        Some((_, option)) => Err(Failure::NotOfMultinomial {
            option: option.into(),
        }),
    }
}

pub(crate) fn family(name: &str) -> Result<Family, Failure> {
    name.parse()
        .map_err(|error| no_family(name, error, Family::names()))
}

fn choice(name: &str) -> Result<FamilyChoice, Failure> {
    name.parse()
        .map_err(|error| no_family(name, error, FamilyChoice::names()))
}

fn no_family(name: &str, error: FamilyError, known: Vec<&'static str>) -> Failure {
    match error {
        FamilyError::Unknown { .. } => Failure::UnknownRegressionFamily {
            name: name.into(),
            nearest: nearest(name, known.iter().copied()),
            known: known.join(", "),
        },
        error => Failure::RegressionFamily(error),
    }
}

pub(crate) fn link(name: &str) -> Result<Link, Failure> {
    name.parse().map_err(|error| match error {
        LinkError::Unknown { .. } => Failure::UnknownLink {
            name: name.into(),
            nearest: nearest(name, Link::names()),
            known: Link::names().join(", "),
        },
        error => Failure::Link(error),
    })
}
