//! What an order file is: X12 with a plan for each interchange, CSV with its partner, or nothing that we know.

use crate::documents::csv_order::{self, CsvIndex, CsvLimits};
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::partner::{Company, PartnerProfile, Ta1Policy, Usage};
use crate::domain::rules::{business, csv as csv_rules};
use crate::domain::{Date, Text};
use crate::run::source::{Source, Unpacking};
use crate::run::unit::Unit;
use crate::site::config::{self, GzLimits, Settings};
use crate::site::folders::{ClaimedFile, Folders};
use crate::site::partner_profile;
use crate::x12::envelope::{self, FileIndex, Interchange};
use crate::x12::writer::OutboundEnvelope;
use crate::x12::{foreign, lexer};
use anyhow::{Context as _, Result};

/// A claimed order file that has been looked through once.
#[derive(Debug)]
pub(crate) struct Input {
    pub claimed: ClaimedFile,
    pub source: Source,
    pub digest: String,
    pub content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    /// One plan for each interchange of the index.
    X12 {
        index: FileIndex,
        plans: Vec<Plan>,
    },
    Csv {
        index: Box<CsvIndex>,
        profile: usize,
        outbound: OutboundEnvelope,
    },
    /// The whole file goes to quarantine.
    Refused(Vec<Diagnostic>),
}

/// What is to be done with an interchange, as far as its envelope tells.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Its sets are processed under this profile and answered in this envelope.
    Process { profile: usize, outbound: OutboundEnvelope },
    /// It goes to quarantine alone; a TA1 says so if the sender is known and wants to hear of it.
    Refuse { why: Vec<Diagnostic>, answer: Option<(usize, OutboundEnvelope)> },
}

/// What the look through a file needs to know of the site and the run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'s> {
    pub settings: &'s Settings,
    pub folders: &'s Folders,
    pub profiles: &'s [PartnerProfile],
    pub date: Date,
    /// `HHMM` of the run's start, for partners that name no time of their own.
    pub time: &'s Text,
    /// Compressed files are unpacked in this run's folder.
    pub run_id: &'s str,
}

/// So much of a file tells what it is.
const HEAD_BYTES: u64 = 4096;

impl Input {
    pub(crate) fn look(claimed: ClaimedFile, site: Surroundings<'_>) -> Result<Self> {
        let (source, packed) = open(&claimed, site.folders, site.run_id, &site.settings.limits.gz)?;
        Self::of(claimed, (source, packed), site)
    }

    /// The look through bytes that may stand anywhere; the diagnostic says why what was packed could not be unpacked.
    pub(crate) fn of(
        claimed: ClaimedFile,
        (source, packed): (Source, Option<Diagnostic>),
        site: Surroundings<'_>,
    ) -> Result<Self> {
        let digest = source.digest(0, source.length)?;
        let content = match packed {
            Some(why) => Content::Refused(vec![why]),
            None => look_through(&claimed, &source, site)
                .with_context(|| format!("look through {}", claimed.relative))?,
        };
        Ok(Self { claimed, source, digest, content })
    }
}

/// A claimed file, or its content where it is compressed; with a finding where nothing of that is to be taken.
pub(crate) fn open(
    claimed: &ClaimedFile,
    folders: &Folders,
    run_id: &str,
    limits: &GzLimits,
) -> Result<(Source, Option<Diagnostic>)> {
    let folder = folders.unpacked(run_id)?;
    Source::open_content(&folders.path(&claimed.work_path)?, Unpacking { folder: &folder, limits })
}

/// The same for a file that is no X12, such as posted invoices: what is plainly something else is named, too. `is_known` sees the
/// first bytes.
pub(crate) fn open_table(
    claimed: &ClaimedFile,
    folders: &Folders,
    run_id: &str,
    limits: &GzLimits,
    is_known: impl Fn(&[u8]) -> bool,
) -> Result<(Source, Option<Diagnostic>)> {
    let (source, packed) = open(claimed, folders, run_id, limits)?;
    if packed.is_some() {
        return Ok((source, packed));
    }
    let head = source.read(0, source.length.min(HEAD_BYTES))?;
    let kind = foreign::recognize(&head).filter(|_| !is_known(&head));
    let why = kind.map(|kind| foreign::finding(&head, kind));
    drop(head);
    Ok((source, why))
}

/// What log lines about an input stand in.
pub(crate) fn file_span(unit: &Unit<'_>, file: &ClaimedFile) -> tracing::Span {
    let (run, unit) = (unit.run.run_id.as_str(), unit.number);
    tracing::error_span!("file", run, unit, file = %file.relative)
}

fn look_through(claimed: &ClaimedFile, source: &Source, site: Surroundings<'_>) -> Result<Content> {
    let head = source.read(0, source.length.min(HEAD_BYTES))?;
    if looks_like_x12(&head) {
        let mut index = envelope::outline(source.reader()?, &site.settings.limits.x12)?;
        let plans = index.interchanges.iter_mut().map(|interchange| plan(interchange, site)).collect();
        if index.interchanges.is_empty() {
            return Ok(Content::Refused(std::mem::take(&mut index.diagnostics)));
        }
        return Ok(Content::X12 { index, plans });
    }
    if let Some(kind) = foreign::recognize(&head) {
        return Ok(Content::Refused(vec![foreign::finding(&head, kind)]));
    }
    let Some(profile) = csv_partner(claimed, site.profiles) else {
        let at = Location::default();
        return Ok(Content::Refused(vec![
            Diagnostic::new(&csv_rules::NO_LAYOUT, at).found(&claimed.relative),
        ]));
    };
    let layout = site.profiles[profile].orders.csv_layout();
    let index = csv_order::scan(source.reader()?, &layout, &csv_limits(&site.settings.limits))?;
    let outbound = outbound(site, profile, None);
    Ok(Content::Csv { index: Box::new(index), profile, outbound })
}

fn csv_limits(limits: &config::Limits) -> CsvLimits {
    CsvLimits {
        row_bytes_max: limits.csv_record_bytes_max as usize,
        lines_per_order_max: limits.csv_lines_per_order_max,
        diagnostics_max: limits.csv_diagnostics_per_file_max as usize,
        ..CsvLimits::default()
    }
}

/// An interchange begins with ISA, on a later line too where a report header stands before it; a file that begins with GS
/// or ST is X12 whose ISA was lost, and is told so. So is an interchange in UTF-16.
pub(crate) fn looks_like_x12(head: &[u8]) -> bool {
    if envelope::begins_wide(head) {
        return true;
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let separator =
        |at: usize| head.get(at).is_some_and(|byte| !byte.is_ascii_alphanumeric() && *byte != b' ');
    (head.starts_with(b"ISA") && separator(3))
        || ((head.starts_with(b"GS") || head.starts_with(b"ST"))
            && separator(2)
            && head.get(2).is_none_or(|byte| !b",;\t".contains(byte)))
        || memchr::memmem::find_iter(head, b"\nISA").any(|line| lexer::begins_interchange(&head[line + 1..]))
}

fn csv_partner(claimed: &ClaimedFile, profiles: &[PartnerProfile]) -> Option<usize> {
    // `orders/acme/0001.csv`: the folder below the stage's own
    let folder =
        claimed.relative.split('/').rev().nth(1).filter(|_| claimed.relative.matches('/').count() > 1);
    let found = partner_profile::find_by_folder(profiles, folder.unwrap_or_default())?;
    profiles.iter().position(|profile| profile.id() == found.id())
}

fn plan(interchange: &mut Interchange, site: Surroundings<'_>) -> Plan {
    let header = &interchange.header;
    let application = interchange.groups.first().map(|group| group.sender.clone()).unwrap_or_default();
    let found = partner_profile::find_by_envelope(
        site.profiles,
        &header.sender_qualifier,
        &header.sender,
        &application,
    );
    // an interchange without a group names no application: whichever profile has its ids
    let found = found.or_else(|| {
        let of_sender = |profile: &&PartnerProfile| {
            let partner = &profile.partner;
            partner.interchange_qualifier == header.sender_qualifier
                && partner.interchange_id == header.sender
        };
        site.profiles.iter().find(|profile| interchange.groups.is_empty() && of_sender(profile))
    });
    let Some(profile) = found.and_then(|found| site.profiles.iter().position(|p| p.id() == found.id()))
    else {
        let at = Location {
            interchange: header.control.clone(),
            offset: interchange.offset,
            ..Location::default()
        };
        let who = format!("{}/{} with GS02 {application}", header.sender_qualifier, header.sender);
        let mut why = interchange.diagnostics.clone();
        why.push(Diagnostic::new(&business::PARTNER_UNKNOWN, at).found(&who));
        return Plan::Refuse { why, answer: None };
    };
    let settings = &site.profiles[profile].x12;
    envelope::relax(interchange, settings.strictness);
    let outbound = outbound(site, profile, Some(interchange));
    let mut foreign = foreign_receiver(interchange, &site.settings.company);
    if settings.refuse_foreign_receiver {
        foreign = foreign.map(|found| Diagnostic { severity: Severity::Error, ..found });
    }
    interchange.diagnostics.extend(foreign);
    if interchange.is_sound() {
        return Plan::Process { profile, outbound };
    }
    let answer = (settings.ta1 != Ta1Policy::Never).then_some((profile, outbound));
    Plan::Refuse { why: interchange.diagnostics.clone(), answer }
}

fn foreign_receiver(interchange: &Interchange, company: &Company) -> Option<Diagnostic> {
    let header = &interchange.header;
    let ours = header.receiver == company.interchange_id
        && header.receiver_qualifier == company.interchange_qualifier;
    (!ours).then(|| {
        let at = Location {
            interchange: header.control.clone(),
            offset: interchange.offset,
            ..Location::default()
        };
        Diagnostic::new(&business::RECEIVER_FOREIGN, at)
            .found(&format!("{}/{}", header.receiver_qualifier, header.receiver))
    })
}

/// The envelope of our answers: the partner's profile; a partner that accepts any sender is answered under the ids that
/// the sender used.
fn outbound(site: Surroundings<'_>, profile: usize, asked: Option<&Interchange>) -> OutboundEnvelope {
    let partner = &site.profiles[profile];
    let envelope = OutboundEnvelope::new(&site.settings.company, partner, site.date, site.time, None);
    let Some(interchange) = asked else { return envelope };
    let application = interchange.groups.first().map(|group| group.sender.as_str()).unwrap_or_default();
    envelope.answering(partner, &interchange.header, application)
}

/// Whether an interchange of this usage (ISA15) makes orders on this site.
pub(crate) fn is_test(interchange: &Interchange, company: &Company) -> bool {
    match company.usage {
        Usage::Production => interchange.header.usage != "P",
        Usage::Test => interchange.header.usage == "P",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x12_is_known_by_a_header_that_can_be_read() {
        let isa = "ISA*00**00**ZZ*A*ZZ*B*261119*0930*U*00401*000000001*0*P*>~\nGS*PO~";
        for (head, expected) in [
            (isa.to_owned(), true),
            (format!("\u{feff}{isa}"), true),
            (format!("\r\n  {isa}"), true),
            (format!("MAILBOX REPORT 17\r\n{isa}"), true),
            ("GS*PO*A*B~ST*850*1~".into(), true),
            ("po_number,item\nISA*1,2\n".into(), false),
            ("GS,ST\n1,2\n".into(), false),
            ("STORE;ITEM\n".into(), false),
            (String::new(), false),
        ] {
            assert_eq!(looks_like_x12(head.as_bytes()), expected, "{head:?}");
        }
    }
}
