/// How a matrix, or a batch of them, lies in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Where the first number is.
    pub offset: usize,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// From one row to the next.
    pub row_stride: usize,
    /// From one column to the next.
    pub column_stride: usize,
    /// From one matrix of the batch to the next.
    pub batch_stride: usize,
}

impl View {
    /// Row-major matrices, one after the other.
    pub fn rows(rows: usize, columns: usize) -> Self {
        Self {
            offset: 0,
            rows,
            columns,
            row_stride: columns,
            column_stride: 1,
            batch_stride: rows * columns,
        }
    }

    /// The transposes.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    /// The same, beginning elsewhere.
    #[must_use]
    pub fn at(self, offset: usize) -> Self {
        Self { offset, ..self }
    }

    /// The same, so far apart.
    #[must_use]
    pub fn every(self, batch_stride: usize) -> Self {
        Self {
            batch_stride,
            ..self
        }
    }

    /// The matrix of this place in the batch.
    pub(super) fn of_batch(self, n: usize) -> Self {
        self.at(self.offset + n * self.batch_stride)
    }

    /// Rows `from` to `to`.
    pub(super) fn part(self, from: usize, to: usize, of_rows: bool) -> Self {
        if of_rows {
            Self {
                offset: self.offset + from * self.row_stride,
                rows: to - from,
                ..self
            }
        } else {
            Self {
                offset: self.offset + from * self.column_stride,
                columns: to - from,
                ..self
            }
        }
    }

    /// One more than the greatest index that `batch` matrices reach.
    pub(super) fn end(self, batch: usize) -> usize {
        if batch == 0 || self.rows == 0 || self.columns == 0 {
            return 0;
        }
        self.offset
            + (batch - 1) * self.batch_stride
            + (self.rows - 1) * self.row_stride
            + (self.columns - 1) * self.column_stride
            + 1
    }

    /// Are all places that `batch` matrices write to different?
    pub(super) fn is_disjoint(self, batch: usize) -> bool {
        let (small, small_count, large, large_count) = if self.column_stride <= self.row_stride {
            (self.column_stride, self.columns, self.row_stride, self.rows)
        } else {
            (self.row_stride, self.rows, self.column_stride, self.columns)
        };
        let line = small * small_count.saturating_sub(1) + 1;
        let plane = large * large_count.saturating_sub(1) + line;
        (small_count <= 1 || small > 0)
            && (large_count <= 1 || large >= line)
            && (batch <= 1 || self.batch_stride >= plane || self.is_interleaved(batch, line, large))
    }

    /// Are the matrices beside each other within one row, as the heads of attention are?
    fn is_interleaved(self, batch: usize, line: usize, large: usize) -> bool {
        self.batch_stride >= line && self.batch_stride * (batch - 1) + line <= large
    }
}
