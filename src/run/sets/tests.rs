//! The second reading finds what the first one did.

use super::*;
use crate::domain::partner::Strictness;
use crate::run::input::{Content, Surroundings};
use crate::site::Site;
use crate::site::config::Settings;
use crate::site::folders::{ClaimedFile, Folders};
use crate::x12::envelope::{relax, scan};
use proptest::prelude::*;
use std::io::Write as _;

const ISA: &str = "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*2130*U*00401*000000001*0*P*>~";
const STRANGER: &str = "ISA*00*          *00*          *ZZ*STRANGER       *ZZ*NORTHWIND      *261119*2130*U*00401*000000002*0*P*>~";

/// Files put together from pieces that mean something, broken more often than not.
fn files() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<Vec<u8>> = [
        ISA,
        STRANGER,
        "GS*PO*ACMEPO*NORTHWIND*20261119*2130*1*X*004010~",
        "GS*PO*ACMEPO*NORTHWIND*20261119*2130*2*X*005010~",
        "GS*FA*ACMEPO*NORTHWIND~",
        "ST*850*0001~BEG*00*SA*P-1**20261119~PO1*1*5*EA~SE*4*0001~",
        "ST*850*0002~PO1*1*5*EA~PO1*1*5*EA~SE*9*0001~",
        "ST*997*0003~se*2*0003~",
        "ST*850~",
        "PO1*2~",
        "GE*1*1~",
        "GE*7*2~",
        "ge*1*1~",
        "TA1*000000001*261119*2130*A*000~",
        "IEA*1*000000001~",
        "IEA*9*9~",
        "~\r\n",
        "\n",
        "x",
    ]
    .iter()
    .map(|piece| piece.as_bytes().to_vec())
    .collect();
    proptest::collection::vec(proptest::sample::select(pieces), 0..24)
        .prop_map(|pieces| [ISA.as_bytes().to_vec(), pieces.concat()].concat())
}

const COMPANY: &str = "[company]
name = \"Northwind\"
interchange_qualifier = \"ZZ\"
interchange_id = \"NORTHWIND\"
application_id = \"NORTHWIND\"
currency = \"USD\"
usage = \"P\"
";
const PARTNER: &str = "[partner]
id = \"acme\"
customer = \"ACME\"
interchange_qualifier = \"01\"
interchange_id = \"006922827\"
application_id = \"*\"
";

/// A site with one partner.
pub(in crate::run) struct Laid {
    folder: tempfile::TempDir,
    folders: Folders,
    pub settings: Settings,
    pub profiles: Vec<PartnerProfile>,
}

impl Laid {
    pub(in crate::run) fn out() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("partners")).unwrap();
        std::fs::write(folder.path().join("itembridge.toml"), COMPANY).unwrap();
        std::fs::write(folder.path().join("partners/acme.toml"), PARTNER).unwrap();
        let Site { settings, partners: profiles } = crate::site::load(folder.path()).unwrap();
        let folders = Folders::open(folder.path()).unwrap();
        Self { folder, folders, settings, profiles }
    }

    /// An order file, looked through.
    pub(in crate::run) fn input(&self, bytes: &[u8]) -> Input {
        let path = self.folder.path().join("1.edi");
        std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
        let (settings, folders, profiles) = (&self.settings, &self.folders, self.profiles.as_slice());
        let (date, time) = (crate::domain::Date::constant(2026, 11, 20), Text::default());
        let site = Surroundings { settings, folders, profiles, date, time: &time, run_id: "1" };
        let claimed =
            ClaimedFile { relative: "orders/1.edi".into(), work_path: String::new(), came_from: None };
        Input::of(claimed, (Source::open(&path).unwrap(), None), site).unwrap()
    }
}

/// All that the second reading finds, in words, each set with the index of its interchange and GS08; and what it must find.
fn found(
    bytes: &[u8],
    strictness: Strictness,
    limits: Limits,
    refused_too: bool,
) -> (Vec<String>, Vec<String>) {
    let mut laid = Laid::out();
    laid.settings.limits.x12 = limits;
    laid.profiles[0].x12.strictness = strictness;
    let input = laid.input(bytes);
    let Content::X12 { index, plans } = &input.content else { return Default::default() };
    let mut sets = Sets::of(&input, (index, plans), &laid.profiles, &limits).unwrap();
    if refused_too {
        sets = sets.with_refused();
    }
    let mut read = Vec::new();
    while let Some(next) = sets.next().unwrap() {
        read.push(match next {
            Found::Group(mut group) => {
                // told at its end
                group.stated_sets = None;
                format!("{group:?}")
            }
            Found::Set(Place { interchange, version, set }) => format!("{interchange} {version} {set:?}"),
            Found::GroupEnd { stated_sets } => format!("{stated_sets:?}"),
            Found::InterchangeEnd => "end".to_owned(),
        });
    }
    (read, expected(bytes, plans, strictness, limits, refused_too))
}

/// The same from an index that holds every set.
fn expected(
    bytes: &[u8],
    plans: &[Plan],
    strictness: Strictness,
    limits: Limits,
    refused_too: bool,
) -> Vec<String> {
    let mut whole = scan(bytes, &limits).unwrap();
    let mut said = Vec::new();
    for (at, (interchange, plan)) in whole.interchanges.iter_mut().zip(plans).enumerate() {
        let ours = interchange.header.sender == "006922827";
        if ours {
            relax(interchange, strictness);
        }
        let processed = matches!(plan, Plan::Process { .. });
        if !processed && !refused_too {
            continue;
        }
        for group in &mut interchange.groups {
            let (sets, stated) = (std::mem::take(&mut group.sets), group.stated_sets.take());
            said.push(format!("{group:?}"));
            for set in sets {
                said.push(format!("{at} {} {set:?}", group.version));
            }
            said.push(format!("{stated:?}"));
        }
        said.push("end".to_owned());
    }
    said
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_sets_are_those_of_an_index_that_holds_them_all(
        bytes in files(),
        lenient in any::<bool>(),
        sets_per_file_max in prop_oneof![Just(1_000_u32), 1_u32..9],
        envelope_findings_max in prop_oneof![Just(1_000_u32), 1_u32..5],
    ) {
        let limits = Limits { sets_per_file_max, envelope_findings_max, segments_per_set_max: 5, ..Limits::default() };
        let strictness = if lenient { Strictness::Lenient } else { Strictness::Strict };
        let (read, expected) = found(&bytes, strictness, limits, false);
        prop_assert_eq!(read, expected);
        let (read, expected) = found(&bytes, Strictness::Standard, limits, true);
        prop_assert_eq!(read, expected);
    }
}

#[test]
fn the_sample_site_reads_the_second_time_as_the_first() {
    let orders = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/site/inbox/orders");
    let mut files = 0;
    for entry in std::fs::read_dir(orders).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let (read, expected) =
                found(&std::fs::read(&path).unwrap(), Strictness::Standard, Limits::default(), true);
            assert_eq!(read, expected, "{}", path.display());
            files += usize::from(!read.is_empty());
        }
    }
    assert!(files > 0, "the sample site has X12 orders");
}

#[test]
fn a_file_that_changed_since_the_look_is_not_taken() {
    let laid = Laid::out();
    let whole = format!("{ISA}GS*PO*ACMEPO*NORTHWIND*20261119*2130*1*X*004010~GE*0*1~IEA*1*000000001~");
    let before = laid.input(whole.as_bytes());
    let later = laid.input(format!("\n{whole}").as_bytes());
    let Content::X12 { index, plans } = &before.content else { panic!("it is X12") };
    let error =
        Sets::of(&later, (index, plans), &laid.profiles, &Limits::default()).unwrap().next().unwrap_err();
    assert!(format!("{error:#}").contains("not as it was"), "{error:#}");
}
