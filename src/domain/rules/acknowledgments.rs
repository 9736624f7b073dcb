//! E56x: what partners say of the documents that we sent.

use crate::domain::diagnostic::Answer::None;
use crate::domain::rules::rules;

rules! {
    ACKNOWLEDGMENT_UNMATCHED = "E560", Error, None, "acknowledgment of something that we did not send",
        cause: "the partner answers under other ids or a control number of another system, or mixed up two suppliers",
        help: "look for the control number with `outbox list`; what an earlier system sent can be ignored";
    DOCUMENT_REJECTED = "E561", Error, None, "document of ours that the partner rejected",
        cause: "the partner's system could not take the document as it was sent",
        help: "mend what the reasons name; `outbox resend` sends the same bytes again where the fault was the partner's";
    ACKNOWLEDGMENT_CHANGED = "E562", Error, None, "acknowledgment of another verdict than before",
        cause: "the partner processed the document twice, or answered it twice, and came to another end",
        help: "ask the partner which of the two counts; the later one stands here";
    ACKNOWLEDGMENT_CONTRADICTS_ITSELF = "E563", Error, None, "acknowledgment whose counts and verdicts disagree",
        cause: "AK9 says otherwise than the AK5 before it, or counts other sets than were sent",
        help: "ask the partner what arrived; until then each document has the worse verdict, and what was not counted waits";
    DOCUMENT_ACCEPTED_WITH_ERRORS = "E564", Note, None, "document of ours that was accepted with errors",
        cause: "the partner's system took the document and noted what it does not like",
        help: "mend what the reasons name before it becomes a rejection";
    VERDICT_UNKNOWN = "E565", Error, None, "acknowledgment without a verdict that is one",
        cause: "AK901, AK501, IK501 or TA104 is missing or no code of X12",
        help: "ask the partner for the acknowledgment again; the documents still wait for it";
}
