//! What is computed about two points, before anything is shown.

use crate::arguments::{DistanceArguments, PathRoute};
use crate::assignments::split;
use crate::error::Failure;
use crate::info::{build, coordinates, unknown_family};
use fisherinfo::coordinates::Coordinates;
use fisherinfo::divergence::{Divergence, kullback_leibler};
use fisherinfo::expectation::Method;
use fisherinfo::family::{Entry, Instance, find};
use fisherinfo::geometry::{
    FisherRaoDistance, Geodesic, GeodesicMethod, GeodesicRoute, GeometryError, ScalarCurvature,
    fisher_rao_distance, geodesic, scalar_curvature,
};

pub(crate) struct Report {
    pub(crate) entry: &'static Entry,
    pub(crate) from: Instance,
    pub(crate) to: Vec<f64>,
    pub(crate) path: Geodesic,
    /// The other route, or why there is none.
    pub(crate) other: Result<FisherRaoDistance, GeometryError>,
    /// There and back, or why they are not known.
    pub(crate) divergences: [Result<Divergence, String>; 2],
    /// At both points, or why it is not known; absent for one parameter.
    pub(crate) curvatures: Option<[Result<ScalarCurvature, String>; 2]>,
    pub(crate) shown: Option<Shown>,
}

/// The points of the path that were asked for.
pub(crate) struct Shown {
    /// The name of their coordinates, and those of the parameters in them.
    pub(crate) coordinates: String,
    pub(crate) names: Vec<String>,
    /// The fraction of the way, and the point.
    pub(crate) points: Vec<(f64, Vec<f64>)>,
}

pub(crate) fn compute(arguments: &DistanceArguments) -> Result<Report, Failure> {
    let entry = find(&arguments.family).ok_or_else(|| unknown_family(&arguments.family))?;
    let from = build(entry, &split(&arguments.from))?;
    let to = build(entry, &split(&arguments.to))?;
    // What is known of a model, such as a number of trials, is part of it and no parameter.
    if format!("{:?}", from.model) != format!("{:?}", to.model) {
        return Err(Failure::DifferentModels {
            from: from.model.name(),
            to: to.model.name(),
            known: known(&arguments.from, &from),
        });
    }
    let coordinates = coordinates(
        entry.name,
        from.model.as_ref(),
        from.model.alternative_coordinates(),
        arguments.coordinates.as_deref(),
    )?;
    let to = to.theta;
    let model = from.model.as_ref();
    let method = match arguments.method {
        PathRoute::Auto => GeodesicMethod::Automatic,
        PathRoute::Closed => GeodesicMethod::ClosedForm,
        PathRoute::Numeric => GeodesicMethod::Numeric,
    };
    let path = geodesic(model, &from.theta, &to, method)?;
    let other = match path.route() {
        GeodesicRoute::ClosedForm => GeodesicMethod::Numeric,
        GeodesicRoute::Relaxation { .. } => GeodesicMethod::ClosedForm,
    };
    let divergence = |a: &[f64], b: &[f64]| {
        kullback_leibler(model, a, b, Method::Automatic).map_err(|error| error.to_string())
    };
    let curvature =
        |theta: &[f64]| scalar_curvature(model, theta).map_err(|error| error.to_string());
    Ok(Report {
        other: fisher_rao_distance(model, &from.theta, &to, other),
        divergences: [divergence(&from.theta, &to), divergence(&to, &from.theta)],
        curvatures: (to.len() > 1).then(|| [curvature(&from.theta), curvature(&to)]),
        shown: arguments
            .geodesic
            .map(|count| shown(&path, &from, coordinates.as_ref(), count.into())),
        entry,
        path,
        to,
        from,
    })
}

fn shown(
    path: &Geodesic,
    from: &Instance,
    coordinates: Option<&Coordinates>,
    count: usize,
) -> Shown {
    let own = from.model.space().names();
    let points = path
        .points(count)
        .into_iter()
        .enumerate()
        .map(|(i, theta)| {
            let point = match coordinates {
                Some(coordinates) => coordinates.forward(&theta),
                None => theta,
            };
            (i as f64 / (count - 1) as f64, point)
        })
        .collect();
    match coordinates {
        Some(coordinates) => Shown {
            coordinates: coordinates.name(),
            names: coordinates.names(&own),
            points,
        },
        None => Shown {
            coordinates: fisherinfo::information::own_coordinates(&own),
            names: own,
            points,
        },
    }
}

/// The names that were given and are no parameters.
fn known(text: &str, instance: &Instance) -> String {
    let parameters = instance.model.space().names();
    let given: Vec<String> = split(text)
        .iter()
        .filter_map(|text| {
            text.split_once('=')
                .map(|(name, _)| name.trim().to_string())
        })
        // A vector `mean` is the parameters mean1, mean2, ….
        .filter(|name| {
            !parameters
                .iter()
                .any(|known| known.trim_end_matches(char::is_numeric) == name)
        })
        .collect();
    given.join(" and ")
}
