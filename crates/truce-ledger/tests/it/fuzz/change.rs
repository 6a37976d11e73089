//! Random changes that keep most of an input as it was.

/// Pieces that parsers look out for.
const PIECES: &[&[u8]] = &[
    b"\n",
    b"\n\n",
    b" ",
    b"+",
    b"=",
    b"\0",
    b"\r\n",
    b"-1",
    b"00",
    b"18446744073709551615",
    b"18446744073709551616",
    b"9223372036854775808",
    b"\xe2\x80\x94 ",
    b"AAAA",
    b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"x000/",
    b".p/1",
    b"all",
    b"none",
    b"\"",
    b"[]",
    b"{}",
    b"null",
];

/// splitmix64 (Steele, Lea and Flood 2014).
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }

    fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let from = self.below(len + 1);
        let longest = if self.below(4) == 0 { len } else { 8 };
        from..(from + self.below(longest) + 1).min(len)
    }

    /// One of the inputs with one to four changes.
    pub(super) fn changed(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut input = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut input, inputs);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, inputs: &[Vec<u8>]) {
        let len = input.len();
        let at = self.below(len + 1);
        let range = self.range(len);
        match self.below(8) {
            0 if len > 0 => input[at.min(len - 1)] ^= 1 << self.below(8),
            1 if len > 0 => input[at.min(len - 1)] = self.next().to_le_bytes()[0],
            2 => drop(input.drain(range)),
            3 => input.truncate(at),
            4 => {
                let piece = PIECES[self.below(PIECES.len())];
                drop(input.splice(range, piece.iter().copied()));
            }
            5 => {
                let piece = PIECES[self.below(PIECES.len())];
                drop(input.splice(at..at, piece.iter().copied()));
            }
            6 => {
                let again = input[range].to_vec();
                drop(input.splice(at..at, again));
            }
            _ => {
                let other = &inputs[self.below(inputs.len())];
                let piece = other[self.range(other.len())].to_vec();
                drop(input.splice(range, piece));
            }
        }
    }

    /// The input without some of its bytes.
    pub(super) fn shorter(&mut self, input: &[u8]) -> Vec<u8> {
        let (len, longest) = (input.len(), (input.len() >> self.below(14)).max(1));
        let from = self.below(len);
        let to = (from + longest).min(len);
        [&input[..from], &input[to..]].concat()
    }
}
