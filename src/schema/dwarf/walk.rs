//! Over all units of a program, those beside it included.

use std::rc::Rc;

use super::super::source::Level;
use super::catalogue::Catalogue;
use super::error::ProgramError;
use super::machine::Machine;
use super::name::text;
use super::split::Split;
use super::types::Types;
use super::unit::TypeUnit;
use super::world::World;

/// Takes in what units describe.
pub(super) struct Walk<'c> {
    pub catalogue: &'c mut Catalogue,
    pub machine: Machine,
    /// The first mistake.
    pub mistake: Option<gimli::Error>,
}

impl Walk<'_> {
    /// All units of a file. `files` are the sources of units that have no line table of their own;
    /// `split` knows where those are of which only a skeleton is here.
    pub fn units<'a>(
        &mut self,
        world: &World<'a>,
        files: &[String],
        mut split: Option<&mut Split<'_>>,
    ) -> Result<(), ProgramError> {
        let mut mistakes: Vec<_> = world.mistake.iter().map(|it| (String::new(), *it)).collect();
        let mut skeletons = Vec::new();
        let mut types = Types::new(world, self.catalogue, self.machine, files);
        let units = world.units.iter().map(|(_, header)| header).chain(&world.type_units);
        for header in units {
            let (unit, mistake) = match TypeUnit::read(&world.dwarf, *header) {
                Ok(read) => read,
                Err(mistake) => {
                    mistakes.push((String::new(), mistake));
                    continue;
                }
            };
            let label = unit.unit.name.map(|it| text(it.slice())).unwrap_or_default();
            mistakes.extend(mistake.map(|it| (label.clone(), it)));
            if is_skeleton(&unit) {
                skeletons.push(unit.unit);
            } else {
                let unit = Rc::new(unit);
                types.unit(&unit, &label);
                types.macros(&unit);
            }
        }
        mistakes.into_iter().for_each(|(unit, mistake)| self.damaged(&unit, mistake));
        if let Some(split) = &mut split {
            for skeleton in &skeletons {
                split.unit(skeleton, &world.dwarf, self)?;
            }
        }
        Ok(())
    }

    fn damaged(&mut self, unit: &str, mistake: gimli::Error) {
        let of = if unit.is_empty() { "a unit".to_owned() } else { unit.to_owned() };
        let text = format!("the debug data of {of} are damaged: {mistake}");
        self.catalogue.complain(Level::Error, text, None);
        self.mistake.get_or_insert(mistake);
    }
}

/// Whether its types are in a file beside the program.
fn is_skeleton(unit: &TypeUnit<'_>) -> bool {
    unit.is_empty() && unit.unit.dwo_name().is_ok_and(|it| it.is_some())
}
