//! Responses that are labels.

use super::{DesignError, Response};

/// How the response of a formula is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResponseKind {
    /// As a number; text is refused.
    #[default]
    Numbers,
    /// A column of text, or `C(y)`, as levels, anything else as a number.
    NumbersOrLabels,
    /// A column as levels, numbers too.
    Labels,
}

/// A response of two levels, one of which counts as success.
#[derive(Debug, Clone, PartialEq)]
pub struct Successes {
    /// One where the response is the success, zero where it is the other level.
    pub values: Vec<f64>,
    /// The level that counts as success.
    pub success: String,
    /// The other one.
    pub failure: String,
}

impl Response {
    /// A response of two levels as zero and one. Without a `success` the second level counts as one,
    /// as in R: levels are in ascending order, so that `yes` is a success beside `no`.
    ///
    /// # Errors
    /// More or fewer than two levels; a success that is none of them.
    ///
    /// ```
    /// use fisherinfo_table::{Design, DesignOptions, Formula, ResponseKind, Table};
    /// let table = Table::from_csv_reader("alive,dose\nyes,1\nno,2\nyes,3\n".as_bytes(), "mice")?;
    /// let options = DesignOptions { response: ResponseKind::NumbersOrLabels, ..Default::default() };
    /// let design = Design::new(&table, &Formula::parse("alive ~ dose")?, &options)?;
    /// let alive = design.response.successes(None)?;
    /// assert_eq!((alive.success.as_str(), alive.values), ("yes", vec![1.0, 0.0, 1.0]));
    /// assert_eq!(design.response.successes(Some("no"))?.values, [0.0, 1.0, 0.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn successes(&self, success: Option<&str>) -> Result<Successes, DesignError> {
        let levels = self.levels.as_deref().unwrap_or_default();
        let [first, second] = levels else {
            return Err(DesignError::NotTwoLevels {
                response: self.name.clone(),
                levels: levels.to_vec(),
            });
        };
        let of = match success {
            None => 1,
            Some(success) => self.level(success)?,
        };
        let (success, failure) = if of == 1 {
            (second, first)
        } else {
            (first, second)
        };
        Ok(Successes {
            values: self
                .values
                .iter()
                .map(|&code| f64::from(code == of as f64))
                .collect(),
            success: success.clone(),
            failure: failure.clone(),
        })
    }

    /// The position of a level among those of the response.
    ///
    /// # Errors
    /// A name that is none of them.
    pub fn level(&self, name: &str) -> Result<usize, DesignError> {
        let levels = self.levels.as_deref().unwrap_or_default();
        let found = levels.iter().position(|level| level == name);
        found.ok_or_else(|| DesignError::UnknownLevel {
            response: self.name.clone(),
            level: name.into(),
            levels: levels.to_vec(),
        })
    }
}
