//! Versions: which of them have tables, and which tables a document is read by.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::envelope::VERSION_NEAREST;

/// A version that has tables of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    V004010,
    V005010,
}

/// How the version that a group names stands to the one whose tables are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exactness {
    /// It is that version, whatever industry's suffix follows.
    Exact,
    /// It lies before the oldest tables.
    Before,
    /// It lies between two tables; what either has is accepted.
    Between,
    /// It lies after the newest tables.
    After,
    /// GS08 is no version; what any table has is accepted.
    Unknown,
}

impl Version {
    /// The version whose tables serve GS08: the nearest below, or the oldest where none is.
    pub fn of(gs08: &str) -> (Self, Exactness) {
        let Some(number) = gs08.get(..6).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        else {
            return (Self::V004010, Exactness::Unknown);
        };
        match number {
            "004010" => (Self::V004010, Exactness::Exact),
            "005010" => (Self::V005010, Exactness::Exact),
            _ if number < "004010" => (Self::V004010, Exactness::Before),
            _ if number < "005010" => (Self::V004010, Exactness::Between),
            _ => (Self::V005010, Exactness::After),
        }
    }

    /// As GS08 writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V004010 => "004010",
            Self::V005010 => "005010",
        }
    }
}

/// A set of versions: those that have an entry of a table, or those whose tables a document is read by. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions(Members);

/// A bit for each version. The compiler knows that there is no fourth value: a table by [`Versions::index`] is read without
/// asking whether it is long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Members {
    V004010 = 0b01,
    V005010 = 0b10,
    Both = 0b11,
}

impl Versions {
    /// Every version.
    pub const ALL: Self = Self(Members::Both);
    /// How many sets of versions there are, for tables by [`Versions::index`].
    pub const COUNT: usize = 3;

    /// One version alone.
    pub const fn only(version: Version) -> Self {
        match version {
            Version::V004010 => Self(Members::V004010),
            Version::V005010 => Self(Members::V005010),
        }
    }

    /// A version and all after it.
    pub const fn since(version: Version) -> Self {
        match version {
            Version::V004010 => Self::ALL,
            Version::V005010 => Self::only(version),
        }
    }

    /// A version and all before it.
    pub const fn until(version: Version) -> Self {
        match version {
            Version::V004010 => Self::only(version),
            Version::V005010 => Self::ALL,
        }
    }

    /// The versions whose tables a group with this GS08 is read by: one, or both where it lies between them or is none.
    pub fn of(gs08: &str) -> Self {
        match Version::of(gs08) {
            (_, Exactness::Between | Exactness::Unknown) => Self::ALL,
            (version, _) => Self::only(version),
        }
    }

    /// Whether the two sets have a version in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 as u8 & other.0 as u8 != 0
    }

    /// Whether every version of the other set is in this one.
    pub const fn covers(self, other: Self) -> bool {
        self.0 as u8 & other.0 as u8 == other.0 as u8
    }

    /// 0 for 004010 alone, 1 for 005010 alone, 2 for both.
    pub const fn index(self) -> usize {
        self.0 as usize - 1
    }

    /// The set with this index.
    pub(super) const fn at(index: usize) -> Self {
        match index {
            0 => Self(Members::V004010),
            1 => Self(Members::V005010),
            2 => Self::ALL,
            _ => panic!("there are so many sets of versions"),
        }
    }

    /// The versions by name: `004010`, or `004010 and 005010`.
    pub const fn names(self) -> &'static str {
        match self.0 {
            Members::V004010 => "004010",
            Members::V005010 => "005010",
            Members::Both => "004010 and 005010",
        }
    }
}

/// The note that another version's tables are used than GS08 names; None where they are its own, or where GS08 names none.
/// `at` is the place of the group or of the set.
pub fn version_note(gs08: &str, at: impl FnOnce() -> Location) -> Option<Diagnostic> {
    let (version, exactness) = Version::of(gs08);
    let name = version.name();
    let detail = match exactness {
        // That there is no group, or no version in it, says more: E111, E127.
        Exactness::Exact | Exactness::Unknown => return None,
        Exactness::Before => format!("read by the tables of {name}, the oldest there are"),
        Exactness::After => format!("read by the tables of {name}, the newest there are"),
        Exactness::Between => format!("read by the tables of {name}; what 005010 has is accepted too"),
    };
    Some(Diagnostic::new(&VERSION_NEAREST, at()).found(gs08).detail(detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_read_by_the_nearest_version_below() {
        for (gs08, version, exactness) in [
            ("004010", Version::V004010, Exactness::Exact),
            ("004010VICS", Version::V004010, Exactness::Exact),
            ("005010X231A1", Version::V005010, Exactness::Exact),
            ("004030", Version::V004010, Exactness::Between),
            ("004060VICS", Version::V004010, Exactness::Between),
            ("003050", Version::V004010, Exactness::Before),
            ("002001", Version::V004010, Exactness::Before),
            ("006020", Version::V005010, Exactness::After),
            ("005030", Version::V005010, Exactness::After),
            ("", Version::V004010, Exactness::Unknown),
            ("4010", Version::V004010, Exactness::Unknown),
            ("00401é", Version::V004010, Exactness::Unknown),
        ] {
            assert_eq!(Version::of(gs08), (version, exactness), "{gs08:?}");
            let note = version_note(gs08, Location::default);
            let silent = matches!(exactness, Exactness::Exact | Exactness::Unknown);
            assert_eq!(note.is_none(), silent, "{gs08:?}");
        }
    }

    #[test]
    fn between_two_versions_what_either_has_is_accepted() {
        assert_eq!(Versions::of("004030"), Versions::ALL);
        assert_eq!(Versions::of("004010UCS"), Versions::only(Version::V004010));
        assert_eq!(Versions::of("007020"), Versions::since(Version::V005010));
        assert_eq!(Versions::until(Version::V004010), Versions::only(Version::V004010));
        assert_eq!(Versions::until(Version::V005010), Versions::ALL);
        for index in 0..Versions::COUNT {
            assert_eq!(Versions::at(index).index(), index);
        }
    }
}
