//! From what the user gave to protocols and their candidates.
//!
//! What the command line says of ABI and byte order holds for every protocol, also where a profile
//! says otherwise: whoever writes it has this capture in view. Fields keep an order of their own.
//! `--no-builtin` leaves the built-ins without a port; a rule may still name one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use super::candidates::{BUILT_IN, Candidate, Candidates, HEADER, PROFILE, RULE};
use super::comments::Comments;
use super::headers::{Headers, Message};
use super::line::ProfileLine;
use super::options::Options;
use super::order::OrderName;
use super::protocol_id::{ProtocolId, StandardIds};
use super::source::Source;
use super::standard::Standard;
use super::words::Names;
use super::{
    CheckOptions, Format, MessageWords, PairRule, ProfileError, ProfileFile, Protocol,
    ReplayOptions, Rule, Target, Traffic, bundled, lessons,
};
use crate::packet::Transport;
use crate::schema::{Abi, ByteOrder, Reading, Schema};

/// Everything that traffic may be.
#[derive(Debug)]
pub struct Protocols {
    pub(super) list: Vec<Protocol>,
    pub(super) headers: Headers,
    pub(super) candidates: Candidates,
    pub(super) options: Options,
    unfit: Vec<ProfileError>,
    check: CheckOptions,
    replay: ReplayOptions,
    /// Which fields tell what answers what.
    pub(super) pairs: Vec<PairRule>,
    /// How many of the list came from the profile; they stand first.
    from_profile: usize,
    /// Where the built-ins are in the list.
    built_in: std::ops::Range<usize>,
    /// Where those are in the list that are read when they are asked for, and those that were read.
    bundled: std::ops::Range<usize>,
    cells: Vec<OnceLock<Option<Box<Protocol>>>>,
    /// Where those are that need no header.
    standards: StandardIds,
}

impl Protocols {
    /// Reads headers and profile, and resolves every rule.
    ///
    /// # Errors
    ///
    /// A header or profile that cannot be read; a profile that says what it cannot say; a name
    /// that nothing declares, or two headers; a message that was named and has no layout.
    pub fn load(options: &Options) -> Result<Self, ProfileError> {
        let mut protocols = Self::bare(options);
        protocols.load_given_headers()?;
        protocols.load_profile()?;
        protocols.load_built_ins()?;
        protocols.add_bundled()?;
        protocols.add_standards();
        protocols.resolve_rules()?;
        protocols.candidates.settle();
        protocols.note_bare_headers();
        Ok(protocols)
    }

    /// None yet.
    pub(super) fn bare(options: &Options) -> Self {
        Self {
            list: Vec::new(),
            headers: Headers::new(options),
            candidates: Candidates::new(),
            options: options.clone(),
            unfit: Vec::new(),
            check: CheckOptions::default(),
            replay: ReplayOptions::default(),
            pairs: Vec::new(),
            from_profile: 0,
            built_in: 0..0,
            bundled: 0..0,
            cells: Vec::new(),
            standards: StandardIds::from(0),
        }
    }

    /// Every protocol, those that need no header included. Of bundled ones that were not read it has the
    /// name alone: [`get`](Self::get) reads them.
    pub fn list(&self) -> &[Protocol] {
        &self.list
    }

    /// One of them; `None` for that of another list.
    pub fn get(&self, protocol: ProtocolId) -> Option<&Protocol> {
        let index = protocol.index();
        match index.checked_sub(self.bundled.start).and_then(|it| self.cells.get(it)) {
            Some(cell) => self.bundled(index, cell),
            None => self.list.get(index),
        }
    }

    /// A bundled protocol, which is read once.
    fn bundled<'p>(
        &'p self,
        index: usize,
        cell: &'p OnceLock<Option<Box<Protocol>>>,
    ) -> Option<&'p Protocol> {
        let read = || {
            let row = bundled::ALL.get(index.checked_sub(self.bundled.start)?)?;
            row.read().ok().map(Box::new)
        };
        cell.get_or_init(read).as_deref().or_else(|| self.list.get(index))
    }

    /// Whether it is one of those that are read when they are asked for.
    #[inline]
    pub(crate) fn is_bundled(&self, protocol: ProtocolId) -> bool {
        self.bundled.contains(&protocol.index())
    }

    /// Whether it need not be read before it is of use.
    pub(crate) fn is_read(&self, protocol: ProtocolId) -> bool {
        let cell =
            protocol.index().checked_sub(self.bundled.start).and_then(|it| self.cells.get(it));
        cell.is_none_or(|it| it.get().is_some())
    }

    /// Every protocol that was read: all but those bundled ones that nothing asked for.
    pub fn read(&self) -> impl Iterator<Item = &Protocol> {
        let ids = (0..self.list.len()).map(ProtocolId::at);
        ids.filter(|it| self.is_read(*it) && !self.is_shadowed(*it)).filter_map(|it| self.get(it))
    }

    /// Whether it is bundled, and a protocol of the profile has taken its name.
    fn is_shadowed(&self, protocol: ProtocolId) -> bool {
        let name = self.list.get(protocol.index()).map(|it| &it.name);
        let mut own = self.list.iter().take(self.from_profile);
        self.is_bundled(protocol) && own.any(|it| Some(&it.name) == name)
    }

    /// The one that needs no header.
    pub fn standard(&self, standard: Standard) -> ProtocolId {
        self.standards.of(standard)
    }

    /// All of these.
    pub(crate) fn standards(&self) -> StandardIds {
        self.standards
    }

    /// The headers that were read, for what they say about themselves.
    pub fn schemas(&self) -> &[Schema] {
        self.headers.schemas()
    }

    /// Which of the two ports of a conversation a rule names: the server's. `None` where none or
    /// either is named.
    pub fn declared_port(&self, transport: Transport, one: u16, other: u16) -> Option<u16> {
        self.candidates.declared_port(transport, one, other)
    }

    /// What a payload between two ports may be, best founded first.
    pub fn candidates(&self, transport: Transport, source: u16, destination: u16) -> &[Candidate] {
        self.candidates.of(transport, source, destination)
    }

    /// The rules of the command line.
    pub fn rules(&self) -> &[Rule] {
        &self.options.rules
    }

    /// What the payloads of each port with a rule may be, and of any other; in no order.
    pub fn candidate_lists(&self) -> impl Iterator<Item = &[Candidate]> {
        self.candidates.lists()
    }

    /// Whether a header, by its index, is part of the program.
    pub fn is_built_in_header(&self, schema: usize) -> bool {
        self.headers.is_built_in(schema)
    }

    /// The protocols that some payload may be, in the order of [`list`](Self::list): those that
    /// are a candidate of some port.
    pub fn reachable(&self) -> Vec<ProtocolId> {
        self.candidates.protocols().into_iter().collect()
    }

    /// The names of the protocols that the user's own rules, profile and headers bring: all but the
    /// built-in ones and what needs no rule.
    pub fn asked(&self) -> BTreeSet<&str> {
        let own = self.candidates.lists().flatten().filter(|it| !it.is_built_in());
        own.filter_map(|it| self.get(it.protocol)).map(|it| it.name.as_str()).collect()
    }

    /// What is of no use: messages of a given header that no rule names and that cannot be laid
    /// out, and headers that declare no message.
    pub fn unfit(&self) -> &[ProfileError] {
        &self.unfit
    }

    /// Makes sure that the user's headers are of use: one declares a message, or a rule or the
    /// profile names one.
    ///
    /// # Errors
    ///
    /// Headers were given, and none declares a message.
    pub fn require_messages(&self) -> Result<(), ProfileError> {
        let headers = self.headers.given_without_messages();
        let is_bare = !headers.is_empty() && headers.len() == self.headers.given_paths(None).len();
        if is_bare && self.options.rules.is_empty() && self.from_profile == 0 {
            return Err(ProfileError::NoMessage { headers });
        }
        Ok(())
    }

    /// The given headers that declare no message, one by one, where something else names one.
    fn note_bare_headers(&mut self) {
        if self.require_messages().is_ok() {
            let bare = self.headers.given_without_messages().into_iter();
            self.unfit.extend(bare.map(|it| ProfileError::NoMessage { headers: vec![it] }));
        }
    }

    /// Whether RESP and lines are recognised by content, as HTTP always is; a rule may name them all
    /// the same.
    pub fn recognises_text(&self) -> bool {
        self.options.builtin
    }

    /// Adds the message of a given header that a name stands for, also behind the name of the header
    /// (`proto.h:msg_st`): rules offer only those that they name, and no text record is offered without
    /// one. Nothing happens where none of the headers declares it.
    ///
    /// # Errors
    ///
    /// Two headers declare it differently, or it has no layout.
    pub fn include(&mut self, name: &str) -> Result<(), ProfileError> {
        let (header, name) = match name.rsplit_once(':') {
            Some((header, name)) => (Some(header), name),
            None => (None, name),
        };
        match self.headers.given_message(header, name)? {
            Some(message) => self.add_message(&message).map(|_| ()),
            None => Ok(()),
        }
    }

    /// The profile's `[check]`; what is usual where there is no profile.
    pub fn check(&self) -> &CheckOptions {
        &self.check
    }

    /// The profile's `[replay]`; empty where there is no profile.
    pub fn replay(&self) -> &ReplayOptions {
        &self.replay
    }

    fn load_given_headers(&mut self) -> Result<(), ProfileError> {
        for path in self.options.headers.clone() {
            self.headers.give(&path, self.options.abi)?;
        }
        Ok(())
    }

    fn load_profile(&mut self) -> Result<(), ProfileError> {
        let Some(path) = self.options.profile.clone() else { return Ok(()) };
        let text = std::fs::read_to_string(&path)
            .map_err(|source| ProfileError::Read { path: path.clone(), source })?;
        let dir = path.parent().unwrap_or(Path::new(""));
        let file = self.load_entries(&path, &text, Source::Dir(dir), |_| Some(PROFILE))?;
        let place = |offset| ProfileLine::of(&path, &text, offset);
        self.check = file.check.placed(place);
        self.replay = file.replay.placed(place);
        self.from_profile = self.list.len();
        Ok(())
    }

    fn load_built_ins(&mut self) -> Result<(), ProfileError> {
        let first = self.list.len();
        let with_ports = self.options.builtin;
        self.load_entries(
            Path::new(lessons::PROFILE_NAME),
            lessons::PROFILE,
            Source::Lessons,
            |index| with_ports.then(|| BUILT_IN.saturating_add(index)),
        )?;
        self.built_in = first..self.list.len();
        Ok(())
    }

    /// Adds the protocols of a profile, and their rules with the rank that each entry has.
    fn load_entries(
        &mut self,
        path: &Path,
        text: &str,
        source: Source<'_>,
        rank: impl Fn(u32) -> Option<u32>,
    ) -> Result<ProfileFile, ProfileError> {
        let file = ProfileFile::parse(path, text)?;
        let place = |offset| ProfileLine::of(path, text, offset);
        let first = self.list.len();
        for (index, entry) in (0..).zip(&file.protocols) {
            let name = entry.name.get_ref();
            if self.list.iter().skip(first).any(|it| it.name == *name) {
                let error = ProfileError::Duplicate { what: "protocol", name: name.clone() };
                return Err(error.at(place(entry.name.span().start)));
            }
            let protocol = ProtocolId::at(self.list.len());
            let entry_protocol = self.protocol_of(entry, source, place)?;
            self.list.push(entry_protocol);
            for rule in &entry.decode_as {
                let traffic = rule.get_ref().parse().map_err(ProfileError::Rule);
                let traffic = traffic
                    .and_then(|traffic| self.check_transport(protocol, traffic).map(|()| traffic))
                    .map_err(|error| error.at(place(rule.span().start)))?;
                if let Some(rank) = rank(index) {
                    self.candidates.add(traffic, Candidate { protocol, rank });
                }
            }
        }
        self.resolve_pairs(first, &file.protocols, place)?;
        self.check_nested(first, &file.protocols, place)?;
        Ok(file)
    }

    /// Those of well-known protocols: candidates on their ports below all others.
    fn add_bundled(&mut self) -> Result<(), ProfileError> {
        let first = self.list.len();
        let abi = Abi::X86_64;
        for (index, row) in (0..).zip(bundled::ALL) {
            let protocol = ProtocolId::at(self.list.len());
            self.list.push(Protocol::unread(row.name, abi));
            self.cells.push(OnceLock::new());
            let rank = BUILT_IN.saturating_add(self.built_in.len() as u32).saturating_add(index);
            let mut own = self.list.iter().take(self.from_profile);
            let is_shadowed = own.any(|it| it.name == row.name);
            for rule in row.ports.iter().filter(|_| self.options.builtin && !is_shadowed) {
                self.candidates.add(rule.parse()?, Candidate { protocol, rank });
            }
        }
        self.bundled = first..self.list.len();
        self.read_mentioned();
        Ok(())
    }

    /// Reads the bundled protocols that a text of the user names.
    fn read_mentioned(&self) {
        let is_word = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-');
        for (index, row) in self.bundled.clone().zip(bundled::ALL) {
            let mut words = self.options.mentions.iter().flat_map(|it| it.split(|c| !is_word(c)));
            if words.any(|it| it == row.name) {
                self.get(ProtocolId::at(index));
            }
        }
    }

    fn resolve_rules(&mut self) -> Result<(), ProfileError> {
        for rule in self.options.rules.clone() {
            let protocol = self.resolve(&rule)?;
            self.check_transport(protocol, rule.traffic)?;
            self.candidates.add(rule.traffic, Candidate { protocol, rank: RULE });
        }
        if self.options.rules.is_empty() {
            self.offer_given_messages();
        }
        Ok(())
    }

    /// Without a rule, every struct and union of the given headers may be any datagram.
    fn offer_given_messages(&mut self) {
        for message in self.headers.given_messages() {
            match self.add_message(&message) {
                Ok(protocol) => {
                    self.candidates.add_by_fit(Candidate { protocol, rank: HEADER });
                }
                Err(error) => self.unfit.push(error),
            }
        }
    }

    /// A protocol of the profile, a message of a given header, a built-in, what needs no header; in
    /// this order.
    fn resolve(&mut self, rule: &Rule) -> Result<ProtocolId, ProfileError> {
        let Target { header, name } = &rule.target;
        let named = |it: &Protocol| header.is_none() && it.name == *name;
        if let Some(index) = self.list.iter().take(self.from_profile).position(named) {
            return Ok(ProtocolId::at(index));
        }
        if let Some(message) = self.headers.given_message(header.as_deref(), name)? {
            return self.add_message(&message);
        }
        let mut built_in = self.built_in.clone();
        if let Some(index) = built_in.find(|&index| self.list.get(index).is_some_and(named)) {
            return Ok(ProtocolId::at(index));
        }
        let mut bundled = self.bundled.clone();
        if let Some(index) = bundled.find(|&index| self.list.get(index).is_some_and(named)) {
            return Ok(ProtocolId::at(index));
        }
        if let Some(standard) = Standard::by_name(name).filter(|_| header.is_none()) {
            return Ok(self.standard(standard));
        }
        Err(self.unknown(&rule.target))
    }

    fn unknown(&self, target: &Target) -> ProfileError {
        let messages = self.headers.given_names(target.header.as_deref());
        let named = |it: &&Protocol| !matches!(it.format, Format::Standard(_));
        let protocols = self.list.iter().filter(named).map(|it| it.name.as_str());
        let known = messages.iter().map(String::as_str);
        // A qualified name can be no protocol's.
        let protocols = protocols.filter(|_| target.header.is_none());
        let headers = self.headers.given_paths(target.header.as_deref());
        ProfileError::unknown_message(&target.name, headers, known.chain(protocols))
            .for_mistake(self.headers.first_mistake(target.header.as_deref()))
    }

    /// The protocol of a message that no profile describes.
    fn add_message(&mut self, message: &Message) -> Result<ProtocolId, ProfileError> {
        let abi = self.abi(message.declared.schema, None);
        let order = self.order(None, abi);
        let same =
            |it: &Protocol| it.declared == Some(message.declared) && it.message == message.name;
        let described = self.bundled.end;
        if let Some(index) = self.list.iter().skip(described).position(same) {
            return Ok(ProtocolId::at(described.saturating_add(index)));
        }
        let host = abi.byte_order();
        let schema = message.declared.schema;
        let comments = Comments::new(Names { headers: &self.headers, schema, abi }, host);
        let comment = |text: &str| comments.reading(text);
        let reading = Reading { comment: &comment, ..Reading::plain(order, host) };
        let format = message.format(&self.headers, abi, &reading)?;
        let mut fields = BTreeMap::new();
        format.layout().into_iter().for_each(|it| comments.add(it, &mut fields));
        let comments = comments.met();
        self.list.push(Protocol {
            name: self.headers.telling_name(message),
            message: message.name.clone(),
            format,
            order,
            abi,
            max_len: None,
            words: MessageWords::default(),
            comments,
            fields,
            declared: Some(message.declared),
        });
        Ok(ProtocolId::at(self.list.len().saturating_sub(1)))
    }

    /// A datagram carries a struct or a union; what is read as it comes needs a stream.
    fn check_transport(&self, protocol: ProtocolId, traffic: Traffic) -> Result<(), ProfileError> {
        let format = self.get(protocol).map(|it| &it.format);
        Err(ProfileError::Combination(match (format, traffic.transport.is_stream()) {
            (Some(Format::Standard(standard)), false) => standard.needs_stream(),
            (Some(Format::Text(_)), false) => {
                "a text record is read from a stream: the rule begins with tcp"
            }
            _ => return Ok(()),
        }))
    }

    /// What needs no header is in the list, whether a rule names it or not: content may.
    fn add_standards(&mut self) {
        self.standards = StandardIds::from(self.list.len());
        let abi = self.options.abi.unwrap_or(Abi::X86_64);
        self.list.extend(Standard::ALL.map(|standard| Protocol {
            name: standard.name().to_owned(),
            message: standard.name().to_owned(),
            format: Format::Standard(standard),
            order: ByteOrder::Big,
            abi,
            max_len: None,
            words: MessageWords::default(),
            comments: BTreeMap::new(),
            fields: BTreeMap::new(),
            declared: None,
        }));
    }

    /// A program's own; else as the command line or the profile says.
    pub(super) fn abi(&self, schema: usize, entry: Option<Abi>) -> Abi {
        let own = self.headers.abi(schema);
        own.or(self.options.abi).or(entry).unwrap_or(Abi::X86_64)
    }

    pub(super) fn order(&self, entry: Option<OrderName>, abi: Abi) -> ByteOrder {
        let order = self.options.byte_order.or(entry).unwrap_or(OrderName::Big);
        order.resolve(abi.byte_order())
    }
}
