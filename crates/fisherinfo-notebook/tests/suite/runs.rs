//! Whole runs: events in order, stopping, time.

use fisherinfo_notebook::course::course;
use fisherinfo_notebook::run::{Event, Request, Stop, run, text::lines};

#[test]
fn all_ten_pass_at_their_defaults() {
    let mut shown = String::new();
    let summary = run(&Request::all(course()), &Stop::new(), |event| {
        shown += &lines(&event);
        if let Event::Finished {
            exercise, elapsed, ..
        } = event
        {
            eprintln!("{} {elapsed:?}", exercise.number);
        }
    });
    eprintln!("{shown}");
    assert!(summary.is_success(), "{shown}");
    assert_eq!(summary.exercises, 10);
    assert_eq!(summary.exit_code(), 0);
}
