//! The data elements: what each number means in type, length and, where a code decides what happens, its codes.
//!
//! Where 004010 and 005010 differ in a length, the entry is 005010's and a mark says what 004010 has. 234 is as wide as it
//! became in 006020, because item numbers of that width are in use.

use super::codes::{self, Codes};
use super::{Version, Versions};

/// A data element.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    /// X12's number, such as 355 (AK402); 0 for a composite and for what nobody reads and is known by its form alone.
    pub number: u16,
    pub kind: Kind,
    /// Least and greatest length by [`Versions::index`].
    lengths: [Length; Versions::COUNT],
    /// The codes there are; None where any is taken.
    pub codes: Option<&'static Codes>,
    free_text: bool,
}

/// Characters, or digits where a number is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    pub min: u16,
    pub max: u16,
}

/// Type of a data element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    AN,
    /// A code.
    ID,
    /// An integer with so many implied decimals.
    N(u8),
    /// A decimal number with its point, and perhaps a power of ten after `E`.
    R,
    /// A date, `CCYYMMDD`.
    DT,
    /// A time, `HHMM` to `HHMMSSDD`.
    TM,
    /// A composite: its components are elements of their own.
    Composite,
}

impl Element {
    /// Whether any text of the right length will do.
    #[inline]
    pub const fn is_free_text(&self) -> bool {
        self.free_text
    }

    /// The length that a document has which is read by these versions' tables.
    #[inline]
    pub const fn length(&self, versions: Versions) -> Length {
        self.lengths[versions.index()]
    }

    /// One of these codes alone.
    pub(super) const fn coded(self, codes: &'static Codes) -> Self {
        Self { codes: Some(codes), free_text: false, ..self }
    }

    /// Another greatest length in one version.
    const fn max_in(self, version: Version, max: u16) -> Self {
        let min = self.lengths[Versions::only(version).index()].min;
        self.length_in(version, min, max)
    }

    /// Other lengths in one version.
    const fn length_in(mut self, version: Version, min: u16, max: u16) -> Self {
        assert!(min >= 1 && min <= max, "a length is from one to its maximum");
        self.lengths[Versions::only(version).index()] = Length { min, max };
        let [first, second, _] = self.lengths;
        self.lengths[Versions::ALL.index()] = Length {
            min: if first.min < second.min { first.min } else { second.min },
            max: if first.max > second.max { first.max } else { second.max },
        };
        self
    }
}

/// The element with this number. Evaluated by the compiler for the segment tables: a number that is not in the table
/// does not compile.
pub const fn element(number: u16) -> Element {
    let (mut low, mut high) = (0, ELEMENTS.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if ELEMENTS[middle].number == number {
            return ELEMENTS[middle];
        }
        if ELEMENTS[middle].number < number {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    panic!("the dictionary does not have this element")
}

/// An element that is known by its form alone.
pub const fn unnumbered(kind: Kind, min: u16, max: u16) -> Element {
    el(0, kind, min, max)
}

const fn el(number: u16, kind: Kind, min: u16, max: u16) -> Element {
    assert!(min >= 1 && min <= max, "a length is from one to its maximum");
    let free_text = matches!(kind, Kind::AN | Kind::ID);
    Element { number, kind, lengths: [Length { min, max }; Versions::COUNT], codes: None, free_text }
}

const fn coded(number: u16, min: u16, max: u16, codes: &'static Codes) -> Element {
    el(number, Kind::ID, min, max).coded(codes)
}

use Kind::{AN, DT, ID, N, R, TM};
use Version::V004010;

/// By number.
const ELEMENTS: &[Element] = &[
    el(2, N(0), 1, 6),
    el(3, AN, 1, 60),
    el(19, AN, 2, 30),
    el(22, AN, 1, 30),
    el(23, ID, 1, 1),
    el(24, ID, 4, 4),
    el(26, ID, 2, 3),
    el(28, N(0), 1, 9),
    el(40, ID, 2, 2),
    el(46, AN, 4, 4),
    el(54, ID, 2, 2),
    el(55, ID, 2, 10),
    el(59, AN, 2, 5),
    el(61, AN, 1, 30),
    el(65, R, 1, 8),
    el(66, ID, 1, 2),
    el(67, AN, 2, 80),
    el(76, AN, 1, 22),
    el(79, AN, 1, 50),
    el(80, N(0), 1, 7),
    el(81, R, 1, 10),
    el(82, R, 1, 8),
    el(87, AN, 1, 48),
    el(88, ID, 1, 2),
    el(91, ID, 1, 2),
    coded(92, 2, 2, &codes::ORDER_TYPE),
    el(93, AN, 1, 60),
    el(97, N(0), 1, 6),
    el(98, ID, 2, 3),
    el(100, ID, 3, 3),
    el(102, ID, 1, 1),
    el(103, AN, 3, 5),
    el(107, ID, 1, 2),
    el(110, ID, 1, 2),
    el(113, ID, 1, 4),
    el(114, AN, 2, 24),
    el(115, ID, 1, 1),
    el(116, ID, 3, 15),
    el(118, R, 1, 9),
    el(119, AN, 1, 6),
    el(123, N(0), 1, 6),
    el(124, AN, 2, 15),
    el(127, AN, 1, 50).max_in(V004010, 30),
    el(128, ID, 2, 3),
    el(133, ID, 1, 2),
    el(140, ID, 2, 4),
    el(142, AN, 2, 15),
    el(143, ID, 3, 3),
    el(146, ID, 2, 2),
    el(152, ID, 2, 3),
    el(156, ID, 2, 2),
    el(166, AN, 1, 55),
    el(168, ID, 1, 4),
    el(169, AN, 1, 16),
    el(170, N(0), 1, 2),
    el(171, AN, 1, 7),
    el(172, AN, 1, 2),
    el(173, AN, 1, 4),
    el(174, AN, 2, 30),
    el(182, AN, 2, 28),
    el(183, R, 1, 8),
    el(184, ID, 1, 1),
    el(187, ID, 1, 2),
    el(188, ID, 1, 1),
    el(189, R, 1, 8),
    el(200, AN, 1, 6),
    el(206, AN, 1, 4),
    el(207, AN, 1, 15).max_in(V004010, 10),
    el(208, ID, 1, 1),
    el(209, AN, 1, 4),
    el(212, R, 1, 17),
    el(213, N(0), 1, 3),
    el(219, AN, 1, 3),
    el(225, AN, 2, 15),
    el(227, AN, 1, 2),
    el(234, AN, 1, 80),
    el(235, ID, 2, 2),
    el(236, ID, 3, 3),
    coded(248, 1, 1, &codes::ALLOWANCE_OR_CHARGE),
    el(249, ID, 1, 1),
    el(254, ID, 1, 3),
    el(277, ID, 6, 6),
    el(280, R, 4, 10),
    el(284, ID, 2, 2),
    el(289, R, 1, 2),
    el(294, N(0), 1, 5),
    el(295, ID, 1, 1),
    el(305, ID, 1, 2),
    el(306, ID, 1, 2),
    el(309, ID, 1, 2),
    el(310, AN, 1, 30),
    el(324, AN, 1, 22),
    el(325, AN, 1, 20),
    el(326, AN, 1, 45),
    el(327, AN, 1, 8),
    el(328, AN, 1, 30),
    el(329, AN, 4, 9),
    el(330, R, 1, 15),
    el(331, ID, 2, 2),
    el(332, R, 1, 6),
    el(333, ID, 1, 2),
    el(334, ID, 2, 2),
    el(335, ID, 3, 3),
    el(336, ID, 2, 2),
    el(337, TM, 4, 8),
    el(338, R, 1, 6),
    el(342, R, 1, 5),
    el(344, ID, 2, 2),
    el(345, ID, 2, 2),
    el(346, ID, 2, 2),
    el(347, R, 1, 10),
    coded(349, 1, 1, &codes::DESCRIPTION_TYPE),
    el(350, AN, 1, 20),
    el(351, N(0), 1, 3),
    el(352, AN, 1, 80),
    coded(353, 2, 2, &codes::PURPOSE),
    el(354, N(0), 1, 6),
    el(355, ID, 2, 2),
    el(356, N(0), 1, 6),
    el(357, R, 1, 8),
    el(358, R, 1, 15).max_in(V004010, 10),
    el(362, N(2), 1, 10),
    el(363, ID, 3, 3),
    el(364, AN, 1, 256).max_in(V004010, 80),
    el(365, ID, 2, 2),
    el(366, ID, 2, 2),
    el(367, AN, 1, 30),
    el(368, ID, 2, 2),
    el(369, AN, 1, 45),
    el(370, DT, 8, 8),
    el(371, ID, 2, 2),
    el(373, DT, 8, 8),
    el(374, ID, 3, 3),
    el(378, ID, 1, 1),
    el(380, R, 1, 15),
    el(382, R, 1, 10),
    el(383, R, 1, 9),
    el(384, R, 1, 9),
    el(385, R, 1, 9),
    el(386, N(0), 1, 3),
    el(387, AN, 1, 35),
    el(388, DT, 8, 8),
    el(389, N(2), 1, 10),
    el(396, AN, 2, 30),
    el(400, ID, 2, 2),
    el(407, ID, 2, 2),
    el(441, ID, 1, 1),
    el(443, AN, 1, 20),
    el(446, DT, 8, 8),
    el(447, AN, 1, 6),
    coded(478, 1, 1, &codes::CREDIT_OR_DEBIT),
    el(479, ID, 2, 2),
    el(480, AN, 1, 12),
    el(499, AN, 1, 10),
    el(508, AN, 1, 35),
    el(522, ID, 1, 3),
    el(554, N(0), 1, 6),
    el(559, ID, 2, 2),
    el(560, ID, 2, 10),
    el(563, ID, 1, 2),
    el(566, ID, 1, 2),
    el(567, N(0), 4, 5),
    el(587, ID, 2, 2),
    el(595, ID, 1, 1),
    el(597, AN, 1, 8),
    el(610, N(2), 1, 15),
    coded(618, 1, 3, &codes::GUIDE_SET_ERROR),
    coded(620, 1, 3, &codes::GUIDE_SEGMENT_ERROR),
    coded(621, 1, 3, &codes::GUIDE_ELEMENT_ERROR),
    el(622, N(0), 1, 5),
    el(623, ID, 2, 2),
    el(626, ID, 1, 2),
    el(627, ID, 1, 1),
    el(628, AN, 1, 12),
    coded(639, 2, 2, &codes::PRICE_BASIS),
    el(640, ID, 2, 2),
    el(641, ID, 3, 3),
    el(646, R, 1, 15),
    el(647, ID, 1, 3),
    el(648, ID, 3, 3),
    el(649, R, 1, 10),
    el(653, ID, 3, 3),
    el(654, ID, 2, 2),
    el(655, R, 1, 10),
    el(656, ID, 2, 3),
    el(657, R, 1, 10),
    el(658, R, 1, 10),
    el(659, ID, 1, 2),
    el(662, ID, 1, 1),
    el(665, ID, 1, 1),
    coded(668, 2, 2, &codes::LINE_STATUS),
    el(669, ID, 3, 3),
    coded(670, 2, 2, &codes::CHANGE),
    el(671, R, 1, 9),
    el(673, ID, 2, 2),
    el(687, ID, 2, 2),
    el(688, ID, 2, 2),
    el(704, ID, 1, 2),
    el(706, ID, 2, 2),
    coded(715, 1, 1, &codes::GROUP_VERDICT),
    coded(716, 1, 3, &codes::GROUP_ERROR),
    coded(717, 1, 1, &codes::SET_VERDICT),
    coded(718, 1, 3, &codes::SET_ERROR),
    el(719, N(0), 1, 10).max_in(V004010, 6),
    coded(720, 1, 3, &codes::SEGMENT_ERROR),
    el(721, ID, 2, 3),
    el(722, N(0), 1, 2),
    coded(723, 1, 3, &codes::ELEMENT_ERROR),
    el(724, AN, 1, 99),
    el(725, N(0), 1, 4),
    el(728, ID, 1, 2),
    el(729, AN, 1, 6),
    el(731, ID, 2, 2),
    el(732, ID, 2, 2),
    el(733, R, 1, 4),
    el(734, AN, 1, 12),
    el(735, ID, 1, 2),
    coded(736, 1, 1, &codes::CHILDREN),
    el(737, ID, 2, 2),
    el(738, ID, 1, 3),
    el(739, R, 1, 20),
    el(740, R, 1, 20),
    el(741, R, 1, 20),
    el(743, ID, 1, 2),
    el(750, ID, 2, 3),
    el(751, AN, 1, 12),
    el(752, ID, 2, 2),
    el(753, ID, 1, 5),
    el(754, AN, 1, 7),
    el(755, ID, 2, 2),
    el(756, ID, 1, 2),
    el(757, N(0), 1, 2),
    el(765, N(0), 1, 2),
    el(770, AN, 1, 20),
    el(782, R, 1, 18),
    el(786, ID, 2, 2),
    el(790, AN, 1, 132),
    el(791, AN, 1, 80),
    el(792, ID, 1, 1),
    el(799, AN, 1, 30),
    el(808, ID, 3, 3),
    el(809, AN, 1, 25),
    el(810, N(0), 1, 6),
    el(819, ID, 2, 3),
    el(822, AN, 1, 15),
    el(828, R, 1, 9),
    el(854, ID, 2, 2),
    el(897, ID, 1, 1),
    el(933, AN, 1, 264),
    el(934, ID, 2, 2),
    el(935, ID, 2, 2),
    el(936, ID, 2, 2),
    el(951, ID, 1, 2),
    el(954, R, 1, 10),
    el(955, ID, 2, 2),
    el(956, AN, 1, 10),
    el(961, AN, 1, 99),
    el(963, ID, 2, 2),
    el(1000, ID, 2, 3).max_in(V004010, 2),
    el(1004, ID, 1, 2),
    el(1005, ID, 4, 4),
    el(1018, R, 1, 15),
    el(1019, ID, 3, 3),
    el(1023, ID, 1, 1),
    el(1035, AN, 1, 60).max_in(V004010, 35),
    el(1036, AN, 1, 35).max_in(V004010, 25),
    el(1037, AN, 1, 25),
    el(1038, AN, 1, 10),
    el(1039, AN, 1, 10),
    el(1065, ID, 1, 1),
    el(1066, ID, 1, 2),
    el(1067, ID, 1, 1),
    el(1068, ID, 1, 1),
    el(1073, ID, 1, 1),
    el(1096, ID, 5, 5),
    el(1104, ID, 2, 2),
    el(1106, ID, 2, 2),
    el(1109, ID, 1, 1),
    el(1136, ID, 2, 2),
    el(1166, ID, 2, 2),
    el(1179, ID, 1, 1),
    el(1195, AN, 1, 80),
    el(1196, ID, 2, 2),
    el(1232, ID, 2, 2),
    el(1250, ID, 2, 3),
    el(1251, AN, 1, 35),
    el(1270, ID, 1, 3),
    el(1271, AN, 1, 30),
    el(1300, ID, 4, 4),
    el(1301, AN, 1, 10),
    el(1321, ID, 2, 3).max_in(V004010, 2),
    el(1322, ID, 1, 1),
    el(1373, ID, 2, 4),
    el(1375, AN, 1, 5),
    el(1401, ID, 1, 3),
    el(1470, N(0), 1, 9),
    el(1525, ID, 1, 2),
    el(1528, N(0), 1, 2),
    el(1551, AN, 1, 4096),
    el(1609, ID, 2, 3),
    el(1686, N(0), 1, 4),
    el(1705, AN, 1, 35),
    el(1715, AN, 1, 3),
    el(9998, AN, 1, 35),
    el(9999, AN, 1, 35),
];

const _: () = {
    let mut at = 1;
    while at < ELEMENTS.len() {
        assert!(ELEMENTS[at - 1].number < ELEMENTS[at].number, "the dictionary is sorted by number");
        at += 1;
    }
};
