//! Lines and polygons cut at the edges of the panel.

use crate::picture::axis::Frame;
use crate::picture::scene::Point;

/// The pieces of a chain of straight lines that lie within the frame.
pub(crate) fn line(points: &[Point], frame: &Frame) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    for pair in points.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1], frame) else {
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces
}

/// The part of a segment within the frame, after Liang and Barsky (1984).
pub(crate) fn segment(from: Point, to: Point, frame: &Frame) -> Option<(Point, Point)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (along, room) in [
        (-dx, from.0 - frame.left),
        (dx, frame.right() - from.0),
        (-dy, from.1 - frame.top),
        (dy, frame.bottom() - from.1),
    ] {
        if along == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if along < 0.0 {
            enter = enter.max(room / along);
        } else {
            leave = leave.min(room / along);
        }
    }
    if enter > leave {
        return None;
    }
    // The ends that lie within stay what they are, so that pieces join; the others are put onto
    // the edge exactly.
    let at = |part: f64| {
        let (x, y) = (from.0 + part * dx, from.1 + part * dy);
        (
            x.clamp(frame.left, frame.right()),
            y.clamp(frame.top, frame.bottom()),
        )
    };
    Some((
        if enter == 0.0 { from } else { at(enter) },
        if leave == 1.0 { to } else { at(leave) },
    ))
}

/// Whether a point lies within the frame, its edges included.
pub(crate) fn holds(frame: &Frame, (x, y): Point) -> bool {
    (frame.left..=frame.right()).contains(&x) && (frame.top..=frame.bottom()).contains(&y)
}

/// The part of a polygon within the frame, after Sutherland and Hodgman (1974).
pub(crate) fn polygon(points: &[Point], frame: &Frame) -> Vec<Point> {
    let edges: [(bool, f64, f64); 4] = [
        (true, 1.0, frame.left),
        (true, -1.0, frame.right()),
        (false, 1.0, frame.top),
        (false, -1.0, frame.bottom()),
    ];
    let mut kept = points.to_vec();
    for (across, sign, edge) in edges {
        let coordinate = |point: Point| if across { point.0 } else { point.1 };
        let room = |point: Point| sign * (coordinate(point) - edge);
        let mut next = Vec::with_capacity(kept.len() + 2);
        for (index, &to) in kept.iter().enumerate() {
            let from = kept[(index + kept.len() - 1) % kept.len()];
            if (room(from) < 0.0) != (room(to) < 0.0) {
                let part = room(from) / (room(from) - room(to));
                let (x, y) = (
                    from.0 + part * (to.0 - from.0),
                    from.1 + part * (to.1 - from.1),
                );
                next.push(if across { (edge, y) } else { (x, edge) });
            }
            if room(to) >= 0.0 {
                next.push(to);
            }
        }
        kept = next;
    }
    kept
}
