//! JSON taken as it comes.
//!
//! A notebook whose one cell has a number where a text belongs is still a notebook. So nothing here
//! fails on a value of the wrong kind: it is passed over. And nothing is kept that is not shown:
//! values go from the parser to where they belong, with no tree of JSON in between, which would
//! take thirty times the memory of a file of short strings.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A place for a value: it takes the kinds of JSON that it knows and passes over the others.
pub(super) trait Sink {
    /// A string.
    fn string(&mut self, _text: &str) {}

    /// A number.
    fn number(&mut self, _number: serde_json::Number) {}

    /// A list.
    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    /// An object.
    fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// What reads a value into its place.
pub(super) struct Place<'a, S>(pub(super) &'a mut S);

impl<'de, S: Sink> DeserializeSeed<'de> for Place<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Sink> Visitor<'de> for Place<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.string(text);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.0.number(number.into());
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.0.number(number.into());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        if let Some(number) = serde_json::Number::from_f64(number) {
            self.0.number(number);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.0.object(object)
    }
}

/// A whole number ≥ 0.
#[derive(Debug, Default)]
pub(super) struct Whole(pub(super) Option<u64>);

impl Sink for Whole {
    fn number(&mut self, number: serde_json::Number) {
        self.0 = number.as_u64();
    }
}
