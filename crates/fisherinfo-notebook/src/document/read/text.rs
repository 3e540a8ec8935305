//! Strings of a notebook: one, or a list of lines.

use super::super::limits::MAX_NAME;
use super::lenient::{Place, Sink};
use serde::de::{MapAccess, SeqAccess};

/// Room for the mark that says how much was cut off.
const MARK: usize = 64;

/// A text of limited length. What is beyond is counted and not kept.
#[derive(Debug)]
pub(super) struct Text {
    kept: String,
    dropped: usize,
    limit: usize,
}

impl Text {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            kept: String::new(),
            dropped: 0,
            limit,
        }
    }

    fn push(&mut self, text: &str) {
        if self.dropped > 0 {
            self.dropped += text.len();
            return;
        }
        let room = self.limit - self.kept.len();
        let cut = if text.len() <= room {
            text.len()
        } else {
            text.floor_char_boundary(room)
        };
        self.kept.push_str(&text[..cut]);
        self.dropped = text.len() - cut;
    }

    /// The whole text, or how many bytes it has if that is more than the limit.
    pub(super) fn whole(self) -> Result<String, usize> {
        if self.dropped == 0 {
            Ok(self.kept)
        } else {
            Err(self.kept.len() + self.dropped)
        }
    }

    /// The text, with a mark where the rest was cut off. Its length stays within the limit, so that
    /// what is written is read back as it is.
    pub(super) fn cut(mut self) -> String {
        if self.dropped > 0 {
            let end = self.kept.floor_char_boundary(self.limit - MARK);
            let dropped = self.dropped + self.kept.len() - end;
            self.kept.truncate(end);
            self.kept
                .push_str(&format!("\n… truncated, {dropped} more bytes"));
        }
        self.kept
    }
}

impl Sink for Text {
    fn string(&mut self, text: &str) {
        self.push(text);
    }

    fn number(&mut self, number: serde_json::Number) {
        self.push(&number.to_string());
    }

    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        let mut piece = Piece {
            text: self,
            ended: "",
        };
        while list.next_element_seed(Place(&mut piece))?.is_some() {}
        Ok(())
    }
}

/// One string of a list. A list in a list is no text.
struct Piece<'a> {
    text: &'a mut Text,
    /// What stands after every string.
    ended: &'static str,
}

impl Sink for Piece<'_> {
    fn string(&mut self, text: &str) {
        self.text.push(text);
        self.text.push(self.ended);
    }
}

/// A list of lines that do not carry their own ends, as those of a traceback.
#[derive(Debug)]
pub(super) struct Lines(pub(super) Text);

impl Sink for Lines {
    fn string(&mut self, text: &str) {
        self.0.push(text);
    }

    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        let mut line = Piece {
            text: &mut self.0,
            ended: "\n",
        };
        while list.next_element_seed(Place(&mut line))?.is_some() {}
        Ok(())
    }
}

impl Lines {
    /// The lines, without the end of the last.
    pub(super) fn joined(self) -> String {
        let mut text = self.0.cut();
        if text.ends_with('\n') {
            text.pop();
        }
        text
    }
}

/// A short text; a longer one is none.
#[derive(Debug)]
pub(super) struct Name(Text);

impl Default for Name {
    fn default() -> Self {
        Self(Text::new(MAX_NAME))
    }
}

impl Sink for Name {
    fn string(&mut self, text: &str) {
        // The last of two keys of the same name counts.
        self.0 = Text::new(MAX_NAME);
        self.0.push(text);
    }
}

impl Name {
    pub(super) fn get(self) -> Option<String> {
        // A name is printed; what steers a terminal is no part of it.
        let text = self.0.whole().ok()?.replace(char::is_control, "");
        Some(text).filter(|text| !text.trim().is_empty())
    }
}

/// The next value of an object, as a text.
pub(super) fn next_text<'de, A: MapAccess<'de>>(
    object: &mut A,
    limit: usize,
) -> Result<Text, A::Error> {
    let mut text = Text::new(limit);
    object.next_value_seed(Place(&mut text))?;
    Ok(text)
}

/// The next value of an object, as a name.
pub(super) fn next_name<'de, A: MapAccess<'de>>(
    object: &mut A,
) -> Result<Option<String>, A::Error> {
    let mut name = Name::default();
    object.next_value_seed(Place(&mut name))?;
    Ok(name.get())
}

/// The next key of an object.
pub(super) fn next_key<'de, A: MapAccess<'de>>(object: &mut A) -> Result<Option<String>, A::Error> {
    struct Key(String);
    impl Sink for Key {
        fn string(&mut self, text: &str) {
            // A longer one is none that is known, and names the same thing in part.
            self.0 = text[..text.floor_char_boundary(MAX_NAME)].into();
        }
    }
    let mut key = Key(String::new());
    Ok(object.next_key_seed(Place(&mut key))?.map(|()| key.0))
}
