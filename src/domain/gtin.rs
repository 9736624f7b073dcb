//! GTIN: the check digit, and the one 14-digit form of every way in which a barcode number is written.

/// A GTIN with its check digit proved or computed, in the 14-digit form: shorter ones have zeros before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gtin(u64);

impl Gtin {
    /// None if the last digit is not the check digit of those before it, for 0 and for more than 14 digits.
    pub fn proved(digits: u64) -> Option<Self> {
        let proved = check_digit(digits / 10) == digits % 10;
        (proved && digits > 0 && digits < 100_000_000_000_000).then_some(Self(digits))
    }

    /// A GTIN from its digits without the last. None for 0 and for more than 13 digits.
    pub fn from_body(body: u64) -> Option<Self> {
        (body > 0 && body < 10_000_000_000_000).then(|| Self(body * 10 + check_digit(body)))
    }
}

impl std::fmt::Display for Gtin {
    /// Always 14 digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:014}", self.0)
    }
}

/// What eight digits may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EightDigits {
    /// UPC-E under `UP`, GTIN-8 under `EO` and `EN`: X12.
    ByQualifier,
    /// Both are tried: CSV and the masters, where the column says nothing.
    BothWays,
}

/// Why a number is no GTIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GtinFlaw {
    NotDigits,
    Length,
    CheckDigit,
}

impl GtinFlaw {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotDigits => "not digits alone",
            Self::Length => "wrong number of digits",
            Self::CheckDigit => "wrong check digit",
        }
    }
}

/// What a number under a qualifier may be: one GTIN, or two where its digits leave that open.
pub type Readings = (Gtin, Option<Gtin>);

/// How the digits under a qualifier of element 235 are written.
enum Written {
    /// GTIN-12 to GTIN-14, and UPC-E and the two kinds of 11 digits.
    Upc,
    /// GTIN-12 to GTIN-14, and GTIN-8.
    Ean,
    Gtin8,
    /// So many digits without a check digit; one more where the partner gives it all the same.
    Body {
        digits: usize,
    },
}

const QUALIFIERS: &[(&str, Written)] = &[
    ("EN", Written::Ean),
    ("EO", Written::Gtin8),
    ("U2", Written::Body { digits: 13 }),
    ("UA", Written::Body { digits: 12 }),
    ("UD", Written::Body { digits: 12 }),
    ("UE", Written::Body { digits: 12 }),
    ("UG", Written::Upc),
    ("UH", Written::Ean),
    ("UI", Written::Body { digits: 11 }),
    ("UK", Written::Ean),
    ("UP", Written::Upc),
];

/// Whether numbers under this qualifier are GTINs.
pub fn is_gtin_qualifier(qualifier: &str) -> bool {
    QUALIFIERS.iter().any(|(name, _)| *name == qualifier)
}

/// The GTIN that a number under a qualifier stands for. Two readings: eight digits both of which prove, and eleven
/// digits, which may have lost a zero (if so read they prove) or the check digit: only the master can tell.
pub fn readings(qualifier: &str, value: &str, eight: EightDigits) -> Result<Readings, GtinFlaw> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(GtinFlaw::NotDigits);
    }
    let Some((_, written)) = QUALIFIERS.iter().find(|(name, _)| *name == qualifier) else {
        return Err(GtinFlaw::Length);
    };
    let length = value.len();
    let number: u64 = if length > 14 { 0 } else { value.parse().unwrap_or(0) };
    let found = match (written, length) {
        (Written::Upc, 8) if eight == EightDigits::BothWays => (upc_e(value), Gtin::proved(number)),
        (Written::Upc, 8) => (upc_e(value), None),
        (Written::Upc, 11) => (Gtin::proved(number), Gtin::from_body(number)),
        (Written::Ean | Written::Gtin8, 8) | (Written::Upc | Written::Ean, 12..=14) => {
            (Gtin::proved(number), None)
        }
        (Written::Body { digits }, _) if length == *digits || (length == 11 && *digits == 12) => {
            (Gtin::from_body(number), None)
        }
        (Written::Body { digits }, _) if length == digits + 1 => (Gtin::proved(number), None),
        _ => return Err(GtinFlaw::Length),
    };
    match found {
        (Some(first), second) => Ok((first, second.filter(|second| *second != first))),
        (None, Some(second)) => Ok((second, None)),
        (None, None) => Err(GtinFlaw::CheckDigit),
    }
}

/// The readings of items.csv's `gtin`, which has no qualifier: GTIN-8 to GTIN-14 or UPC-E.
pub fn master_readings(value: &str) -> Result<Readings, GtinFlaw> {
    readings("UP", value, EightDigits::BothWays)
}

/// From the right-most digit of the body weights 3, 1, 3, 1...; the check digit fills the sum up to a multiple of ten.
fn check_digit(body: u64) -> u64 {
    let (mut rest, mut sum, mut weight) = (body, 0, 3);
    while rest > 0 {
        sum += rest % 10 * weight;
        weight = 4 - weight;
        rest /= 10;
    }
    (10 - sum % 10) % 10
}

/// The GTIN-12 that a UPC-E of eight digits stands for: number system 0 or 1, six digits, the check digit of the long
/// form. Its sixth digit says where the zeros were left out.
fn upc_e(value: &str) -> Option<Gtin> {
    let bytes = value.as_bytes();
    let [b'0' | b'1', _, _, _, _, _, last, check] = *bytes else { return None };
    let body = match last {
        b'0'..=b'2' => [&bytes[..3], &[last], b"0000", &bytes[3..6]],
        b'3' => [&bytes[..4], b"00000", &bytes[4..6], b""],
        b'4' => [&bytes[..5], b"00000", &bytes[5..6], b""],
        _ => [&bytes[..6], b"0000", &[last], b""],
    };
    let digits = body.iter().copied().flatten().chain([&check]);
    Gtin::proved(digits.fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computes_the_check_digit_from_the_right() {
        for (body, expected) in [
            (3_600_029_145, 2),
            (400_638_133_393, 1),
            (1_234_567, 0),
            (62_354_374_044, 0),
            (871_234_567_890, 6),
            (1_003_600_029_145, 9),
        ] {
            assert_eq!(check_digit(body), expected, "{body}");
        }
    }

    /// The readings as text: `first`, `first|second`, or the flaw.
    fn read(qualifier: &str, value: &str, eight: EightDigits) -> String {
        match readings(qualifier, value, eight) {
            Ok((first, None)) => first.to_string(),
            Ok((first, Some(second))) => format!("{first}|{second}"),
            Err(flaw) => flaw.as_str().to_owned(),
        }
    }

    #[test]
    fn every_way_of_writing_gives_the_one_form() {
        use EightDigits::{BothWays, ByQualifier};
        for (qualifier, value, eight, expected) in [
            ("UP", "036000291452", ByQualifier, "00036000291452"),
            ("UP", "036000291453", ByQualifier, "wrong check digit"),
            ("UP", "4006381333931", ByQualifier, "04006381333931"),
            ("EN", "4006381333931", ByQualifier, "04006381333931"),
            ("EN", "4006381333932", ByQualifier, "wrong check digit"),
            ("EO", "12345670", ByQualifier, "00000012345670"),
            ("EO", "07838604", ByQualifier, "wrong check digit"),
            ("UK", "10036000291459", ByQualifier, "10036000291459"),
            // UPC-E is expanded, never padded; each last digit puts the zeros elsewhere
            ("UP", "07838604", ByQualifier, "00078000003864"),
            ("UP", "01234505", ByQualifier, "00012000003455"),
            ("UP", "01234532", BothWays, "wrong check digit"),
            ("UP", "01234133", ByQualifier, "00012300000413"),
            ("UP", "12345670", BothWays, "00123456000070|00000012345670"),
            ("UP", "21234567", ByQualifier, "wrong check digit"),
            // eleven digits: a lost zero proves, else the check digit was left out
            ("UP", "36000291452", ByQualifier, "00036000291452|00360002914522"),
            ("UP", "03600029145", ByQualifier, "00036000291452"),
            // bodies
            ("UI", "03600029145", ByQualifier, "00036000291452"),
            ("UI", "036000291452", ByQualifier, "00036000291452"),
            ("UD", "003600029145", ByQualifier, "00036000291452"),
            ("UA", "003600029145", ByQualifier, "00036000291452"),
            ("U2", "1003600029145", ByQualifier, "10036000291459"),
            ("UI", "3600029145", ByQualifier, "wrong number of digits"),
            // no GTIN at all
            ("UP", "000000000000", ByQualifier, "wrong check digit"),
            ("UP", "0360-0029145", ByQualifier, "not digits alone"),
            ("UP", "٣٦٠٠٠٢٩١٤٥٢", ByQualifier, "not digits alone"),
            ("UP", "", ByQualifier, "not digits alone"),
            ("UP", "99999999999999999999999999", ByQualifier, "wrong number of digits"),
            ("VN", "036000291452", ByQualifier, "wrong number of digits"),
        ] {
            assert_eq!(read(qualifier, value, eight), expected, "{qualifier} {value} {eight:?}");
        }
    }

    #[test]
    fn upc_e_of_each_ending_expands_to_its_long_form() {
        for (short, long) in [
            ("04252614", "00042100005264"),
            ("02345632", "00023400000562"),
            ("02345642", "00023450000062"),
            ("02345659", "00023456000059"),
            ("12345694", "00123456000094"),
            ("01234531", "00012300000451"),
        ] {
            assert_eq!(read("UP", short, EightDigits::ByQualifier), long, "{short}");
        }
    }

    #[test]
    fn the_master_is_read_without_a_qualifier() {
        assert_eq!(master_readings("12345670").map(|(_, second)| second.is_some()), Ok(true));
        assert_eq!(master_readings("10036000291459").map(|(gtin, _)| gtin.to_string()).unwrap().len(), 14);
        assert_eq!(master_readings("123"), Err(GtinFlaw::Length));
        assert!(is_gtin_qualifier("UP") && !is_gtin_qualifier("BP"));
    }
}
