//! The day of a part, from its first step to its last.

use std::fs;

use serde_json::Value;

use crate::browser::Anna;
use crate::document::{Commands, Diff, Document, Part, Step, Visit};
use crate::expected::is_as_shown;
use crate::failure::{Failure, failure};
use crate::ports::Ports;
use crate::sandbox;
use crate::terminal::{self, Server};
use crate::world::{PAGE, World};

struct Day {
    // First, so that they have ended when the folder goes.
    servers: Vec<Server>,
    ports: Ports,
    anna: Anna,
    world: World,
}

pub(crate) fn part(part: Part) -> Result<(), Failure> {
    let world = World::new()?;
    let document = Document::read(&fs::read_to_string(world.clone().join(PAGE))?)?;
    let mut day = Day { servers: Vec::new(), ports: Ports::new()?, anna: Anna::new()?, world };
    let mut count = 0;
    for step in document.steps_of(part) {
        day.take(step)?;
        count += 1;
    }
    println!("{count} steps of {PAGE} did what it says");
    match part {
        Part::Rust if !document.diffs.is_empty() => day.change_to_sandbox(&document),
        _ => Ok(()),
    }
}

impl Day {
    fn take(&mut self, step: &Step) -> Result<(), Failure> {
        let (line, done) = match step {
            Step::Commands(commands) if commands.is_server => (commands.line, self.serve(commands)),
            Step::Commands(commands) => (commands.line, self.run(commands)),
            Step::Visit(visit) => (visit.line, self.visit(visit)),
        };
        done.map_err(|why| failure(format!("{PAGE}, line {line}: {why}")))?;
        println!("{PAGE}, line {line}: done");
        Ok(())
    }

    fn serve(&mut self, commands: &Commands) -> Result<(), Failure> {
        let shown = commands.shown.as_deref().and_then(|shown| shown.lines().next());
        let shown =
            shown.ok_or_else(|| failure("the page does not show how the server says that it is ready"))?;
        let server = Server::start(self.world.shell(&self.ports.of_server(&commands.script))?)?;
        let had_emulator = self.ports.emulator().is_some();
        server.wait_for(|line| self.ports.learn(shown, line))?;
        self.servers.push(server);
        match self.ports.emulator() {
            Some(port) if !had_emulator => self.register_site(port),
            _ => Ok(()),
        }
    }

    /// The emulator knows the web application at port 8080. Its users come back to another one here.
    fn register_site(&self, emulator: u16) -> Result<(), Failure> {
        let url = format!("http://127.0.0.1:{emulator}/admin/applications/isv_web");
        let mut application: Value = serde_json::from_str(&self.anna.get(&url)?)?;
        for member in ["redirect_uris", "post_logout_redirect_uris"] {
            let uris =
                application[member].as_array_mut().ok_or_else(|| failure("it has no redirect URIs"))?;
            let here: Vec<_> =
                uris.iter().filter_map(Value::as_str).map(|uri| self.ports.of(uri).into()).collect();
            let new: Vec<_> = here.into_iter().filter(|uri| !uris.contains(uri)).collect();
            uris.extend(new);
        }
        self.anna.put(&url, application.to_string())
    }

    fn run(&self, commands: &Commands) -> Result<(), Failure> {
        let ended = terminal::run(&self.world, &self.ports.of(&commands.script))?;
        if ended.code != commands.exit {
            let expected = commands.exit;
            return Err(failure(format!(
                "it ended with {}, not {expected}, and said:\n{}",
                ended.code, ended.said
            )));
        }
        let Some(shown) = &commands.shown else { return Ok(()) };
        let shown = self.ports.of(shown).replace("/home/anna", &self.world.home().to_string_lossy());
        match is_as_shown(&shown, &ended.said) {
            true => Ok(()),
            false => Err(failure(format!("the page shows:\n{shown}and it said:\n{}", ended.said))),
        }
    }

    fn visit(&mut self, visit: &Visit) -> Result<(), Failure> {
        let page = self.anna.open(&self.ports.of(&visit.url))?;
        let text = page.text();
        let missing =
            visit.shows.iter().map(|words| self.ports.of(words)).find(|words| !text.contains(words));
        match missing {
            _ if page.status != 200 => Err(failure(format!("status {}: {text}", page.status))),
            Some(words) => Err(failure(format!("{words:?} is not on the page {}: {text}", page.url))),
            None => Ok(()),
        }
    }

    /// The lines that are to be changed are there, and the profile file that comes of it can be read.
    fn change_to_sandbox(&self, document: &Document) -> Result<(), Failure> {
        let profiles = fs::read_to_string(self.world.home().join(".config/grantline/profiles.toml"))?;
        let there = document.scripts().fold(profiles.clone(), |all, script| all + &self.ports.of(script));
        let mut changed = String::new();
        for diff in &document.diffs {
            let diff = Diff { line: diff.line, text: self.ports.of(&diff.text) };
            let after = sandbox::changed(&diff, &there)?;
            if sandbox::changed(&diff, &profiles).is_ok() {
                changed += &after;
            }
        }
        let file = self.world.path("sandbox.toml");
        fs::write(&file, &changed)?;
        let ended = terminal::run(&self.world, &format!("grantline profiles --config '{}'", file.display()))?;
        if ended.code != 0 {
            return Err(failure(format!("{PAGE}: after the changes for the sandbox: {}", ended.said)));
        }
        println!("{} changes for the sandbox can be made", document.diffs.len());
        Ok(())
    }
}
