//! E62x: files as they lie in a drop folder, before anybody looks at what they hold.

use crate::domain::diagnostic::Answer::None;
use crate::domain::rules::rules;

rules! {
    GZ_TOO_LARGE = "E620", Error, None, "compressed file that unpacks to more than the limit",
        cause: "the file is larger than any that was expected, or it was made to fill a disk",
        help: "ask the sender for smaller files, or raise gz_bytes_max in the configuration";
    GZ_GROWS = "E621", Error, None, "compressed file that grows more than the limit",
        cause: "the content repeats itself as no business data does: the file was made to fill a disk, or it is empty padding",
        help: "look at the file by hand; if it is sound, raise gz_ratio_max in the configuration";
    GZ_BROKEN = "E622", Error, None, "compressed file that is damaged",
        cause: "the file was cut off or changed in transfer, or something was appended to it; nothing of it is taken",
        help: "ask the sender for the file again";
    GZ_TWICE = "E623", Error, None, "file that is compressed twice",
        cause: "the sender's program and the transfer's both compressed it",
        help: "unpack it once and put it back, and ask the sender to compress it once";
    INBOX_FULL = "E624", Warning, None, "more files in a drop folder than one run takes",
        cause: "the sender repeats itself, or nothing was taken for a long time",
        help: "the next run takes the others; or raise inbox_files_max in the configuration";
}
