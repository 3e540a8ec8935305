//! Damage to ships by waves: type, year of construction, period of operation, months of service and
//! incidents (McCullagh & Nelder, Generalized Linear Models (1989), 6.3.2). Rows without service
//! have no months, as in the book.

pub(crate) const SHIPS: &str = "\
type,year,period,service,incidents
A,60,60,127,0\nA,60,75,63,0\nA,65,60,1095,3\nA,65,75,1095,4\nA,70,60,1512,6\nA,70,75,3353,18
A,75,60,,0\nA,75,75,2244,11\nB,60,60,44882,39\nB,60,75,17176,29\nB,65,60,28609,58
B,65,75,20370,53\nB,70,60,7064,12\nB,70,75,13099,44\nB,75,60,,0\nB,75,75,7117,18\nC,60,60,1179,1
C,60,75,552,1\nC,65,60,781,0\nC,65,75,676,1\nC,70,60,783,6\nC,70,75,1948,2\nC,75,60,,0
C,75,75,274,1\nD,60,60,251,0\nD,60,75,105,0\nD,65,60,288,0\nD,65,75,192,0\nD,70,60,349,2
D,70,75,1208,11\nD,75,60,,0\nD,75,75,2051,4\nE,60,60,45,0\nE,60,75,,0\nE,65,60,789,7
E,65,75,437,7\nE,70,60,1157,5\nE,70,75,2161,12\nE,75,60,,0\nE,75,75,542,1
";
