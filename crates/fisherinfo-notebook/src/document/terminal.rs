//! Text that was written for a terminal.

/// The text as a terminal would have left it: without escape sequences, with the lines that were
/// written over (`\r`, backspace) as they were in the end.
///
/// Steps are bounded by the length of the text, whatever it holds.
pub(super) fn plain(text: &str) -> String {
    if !text.contains(['\u{1b}', '\u{9b}', '\r', '\u{8}']) {
        return text.to_string();
    }
    let mut shown = String::with_capacity(text.len());
    // The line being written, and where on it.
    let (mut line, mut place): (Vec<char>, usize) = (Vec::new(), 0);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            '\u{9b}' => skip_control(&mut rest),
            '\r' => place = 0,
            '\u{8}' => place = place.saturating_sub(1),
            '\n' => {
                shown.extend(line.drain(..));
                shown.push('\n');
                place = 0;
            }
            c => {
                match line.get_mut(place) {
                    Some(old) => *old = c,
                    None => line.push(c),
                }
                place += 1;
            }
        }
    }
    shown.extend(line);
    shown
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// After the escape character.
fn skip_escape(rest: &mut Rest) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_control(rest);
        }
        // A title or a link: up to the bell or the string terminator, on its line.
        Some(']' | 'P' | '^' | '_') => {
            rest.next();
            while let Some(&c) = rest.peek() {
                if c == '\n' {
                    return;
                }
                rest.next();
                if c == '\u{7}' {
                    return;
                }
                if c == '\u{1b}' {
                    if rest.peek() == Some(&'\\') {
                        rest.next();
                    }
                    return;
                }
            }
        }
        // Intermediate characters and one that ends it, as in the choice of a character set.
        Some(' '..='/') => {
            while rest.next_if(|c| (' '..='/').contains(c)).is_some() {}
            rest.next_if(|c| ('0'..='~').contains(c));
        }
        Some('0'..='~') => {
            rest.next();
        }
        _ => {}
    }
}

/// A control sequence: parameters, and one character that ends it.
fn skip_control(rest: &mut Rest) {
    while rest.next_if(|c| (' '..='?').contains(c)).is_some() {}
    rest.next_if(|c| ('@'..='~').contains(c));
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn colours_titles_and_links_go() {
        assert_eq!(
            plain("\u{1b}[1;31mred\u{1b}[0m, \u{9b}4mlined"),
            "red, lined"
        );
        assert_eq!(plain("\u{1b}[38;2;1;2;3mx\u{1b}[K"), "x");
        assert_eq!(plain("\u{1b}]0;title\u{7}text"), "text");
        assert_eq!(
            plain("\u{1b}]8;;http://a.b\u{1b}\\link\u{1b}]8;;\u{1b}\\."),
            "link."
        );
        assert_eq!(plain("\u{1b}(B\u{1b}=text"), "text");
        // Cut short at the end, or without an end: nothing else is lost.
        assert_eq!(plain("a\u{1b}"), "a");
        assert_eq!(plain("a\u{1b}[12"), "a");
        assert_eq!(plain("\u{1b}]open\nnext"), "\nnext");
        assert_eq!(plain("\u{1b}[1é"), "é");
    }

    #[test]
    fn what_was_written_over_is_as_it_was_left() {
        assert_eq!(plain("10%\r20%\r100%\n"), "100%\n");
        assert_eq!(plain("long line\rshort\n"), "shortline\n");
        assert_eq!(plain("a\r\nb\r\n"), "a\nb\n");
        assert_eq!(plain("abc\u{8}\u{8}X"), "aXc");
        assert_eq!(plain("\u{8}a"), "a");
    }

    #[test]
    fn a_long_line_written_over_many_times_takes_no_time() {
        let text = "x".repeat(500_000) + &"\ry".repeat(500_000);
        assert_eq!(plain(&text).len(), 500_000);
    }
}
