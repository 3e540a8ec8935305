use super::Real;
use pulp::{Simd, WithSimd};

/// Column by column the greatest of groups of rows, and the places in x that they are from, for some lines of
/// the result. It is no closure because those are not always compiled for the processor that is there.
pub(super) struct Greatest<'a, R> {
    pub(super) x: &'a [R],
    /// Numbers of x that belong together.
    pub(super) part: usize,
    /// Rows within a part, `group` for each line.
    pub(super) index: &'a [u32],
    pub(super) group: usize,
    /// The first line.
    pub(super) from: usize,
    pub(super) columns: usize,
    pub(super) values: &'a mut [R],
    pub(super) places: &'a mut [u32],
}

impl<R: Real> WithSimd for Greatest<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let groups = self.index.len() / self.group;
        let (mut nth, mut at) = (self.from / groups, self.from % groups);
        let lines = self.values.chunks_exact_mut(self.columns);
        for (values, places) in lines.zip(self.places.chunks_exact_mut(self.columns)) {
            let rows = &self.index[at * self.group..(at + 1) * self.group];
            for (of_group, &row) in rows.iter().enumerate() {
                let first = nth * self.part + row as usize * self.columns;
                let row = &self.x[first..first + self.columns];
                let both = values.iter_mut().zip(places.iter_mut());
                for (j, (&candidate, (value, place))) in row.iter().zip(both).enumerate() {
                    let greater = of_group == 0 || candidate > *value;
                    *value = if greater { candidate } else { *value };
                    *place = if greater { (first + j) as u32 } else { *place };
                }
            }
            at += 1;
            if at == groups {
                (nth, at) = (nth + 1, 0);
            }
        }
    }
}
