//! All templates of a check as one: resources by type, and references followed across stacks.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::check::TemplateRef;
use crate::document::{Statement, statements};
use crate::leaf::Leaf;
use crate::settings::Settings;
use crate::text::{names, texts};
use crate::walk::{Declared, Trail, walk};

/// The place of a resource in [`World::resources`].
pub(crate) type Index = usize;

/// One resource of one template.
#[derive(Debug)]
pub(crate) struct Resource<'a> {
    pub(crate) index: Index,
    pub(crate) stack: usize,
    pub(crate) stack_name: &'a str,
    pub(crate) id: &'a str,
    pub(crate) kind: &'a str,
    /// The whole resource, with `DeletionPolicy` and the like.
    pub(crate) body: &'a Value,
    /// Its condition, if it is not always there.
    pub(crate) condition: Option<&'a str>,
}

/// The templates, indexed once.
pub(crate) struct World<'a> {
    pub(crate) settings: &'a Settings<'a>,
    pub(crate) stacks: Vec<(&'a str, Declared<'a>)>,
    pub(crate) resources: Vec<Resource<'a>>,
    pub(crate) statements: Vec<Statement<'a>>,
    by_kind: BTreeMap<&'a str, Vec<Index>>,
    by_id: BTreeMap<(usize, &'a str), Index>,
    /// Name of an SSM parameter -> the resource that publishes it.
    published: BTreeMap<String, Index>,
    /// Physical name -> the one resource that has it; none if several do.
    by_name: BTreeMap<String, Option<Index>>,
    looked: Cell<usize>,
}

/// Types whose resources others may address by name, and the property that gives the name.
const NAMES: [(&str, &str); 9] = [
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::ECR::Repository", "RepositoryName"),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::StepFunctions::StateMachine", "StateMachineName"),
];

impl<'a> World<'a> {
    pub(crate) fn new(templates: &[TemplateRef<'a>], settings: &'a Settings<'a>) -> Self {
        let mut world = Self {
            settings,
            stacks: Vec::new(),
            resources: Vec::new(),
            statements: Vec::new(),
            by_kind: BTreeMap::new(),
            by_id: BTreeMap::new(),
            published: BTreeMap::new(),
            by_name: BTreeMap::new(),
            looked: Cell::new(0),
        };
        for (stack, template) in templates.iter().enumerate() {
            let section = |name| template.template.get(name).and_then(Value::as_object);
            let declared = Declared { parameters: section("Parameters"), mappings: section("Mappings") };
            world.stacks.push((template.stack, declared));
            for (id, body) in section("Resources").into_iter().flatten() {
                world.add(stack, template.stack, id, body);
            }
        }
        world.statements = (0..world.resources.len())
            .flat_map(|index| statements(&world, &world.resources[index]))
            .collect();
        world
    }

    fn add(&mut self, stack: usize, stack_name: &'a str, id: &'a str, body: &'a Value) {
        let index = self.resources.len();
        let text = |key| body.get(key).and_then(Value::as_str);
        let kind = text("Type").unwrap_or_default();
        let condition = text("Condition");
        self.by_kind.entry(kind).or_default().push(index);
        self.by_id.insert((stack, id), index);
        let properties = body.get("Properties");
        if kind == "AWS::SSM::Parameter" {
            for name in properties.and_then(|all| all.get("Name")).map(texts).into_iter().flatten() {
                self.published.insert(name, index);
            }
        }
        let name = NAMES.iter().find(|(known, _)| *known == kind).and_then(|(_, key)| properties?.get(key));
        for name in name.into_iter().flat_map(texts) {
            self.by_name.entry(name).and_modify(|known| *known = None).or_insert(Some(index));
        }
        self.resources.push(Resource { index, stack, stack_name, id, kind, body, condition });
    }

    /// The resources of one type. Every call counts as having looked at all of them.
    pub(crate) fn of(&self, kind: &str) -> impl Iterator<Item = &Resource<'a>> {
        let found = self.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        self.looked.set(self.looked.get() + found.len());
        found.iter().map(|index| &self.resources[*index])
    }

    /// Counts resources that a rule reads by another way than [`World::of`].
    pub(crate) fn look(&self, count: usize) {
        self.looked.set(self.looked.get() + count);
    }

    /// How many resources rules have looked at so far.
    pub(crate) fn looked(&self) -> usize {
        self.looked.get()
    }

    /// The resources that a value of `stack` refers to, through parameters, SSM parameters and physical names.
    pub(crate) fn targets(&self, stack: usize, value: &Value) -> Vec<Index> {
        let mut found = Vec::new();
        for text in texts(value) {
            self.follow(stack, &text, 0, &mut found);
        }
        found
    }

    /// As [`World::targets`], for a leaf.
    pub(crate) fn targets_of(&self, stack: usize, leaf: Leaf<'_>) -> Vec<Index> {
        let mut found = Vec::new();
        for text in leaf_texts(leaf) {
            self.follow(stack, &text, 0, &mut found);
        }
        found
    }

    /// Every leaf at a path under another leaf of a resource.
    pub(crate) fn leaves_under(
        &self,
        resource: &Resource<'a>,
        leaf: Leaf<'a>,
        path: &'a str,
    ) -> Vec<Leaf<'a>> {
        match leaf {
            Leaf::Literal(value) => resource.leaves_of(self, value, path),
            other => vec![other],
        }
    }

    /// Whether a policy of `kind`, which names what it is about at `path`, refuses plain HTTP to `target`.
    pub(crate) fn refuses_plain_text(&self, kind: &str, path: &'a str, target: &Resource<'_>) -> bool {
        self.statements.iter().filter(|statement| statement.refuses_plain_text()).any(|statement| {
            let policy = &self.resources[statement.holder];
            policy.kind == kind
                && policy.stands_with(target)
                && policy.targets(self, path).contains(&target.index)
        })
    }

    fn follow(&self, stack: usize, text: &str, depth: usize, found: &mut Vec<Index>) {
        // A publisher may publish what it read itself; a circle of them must end.
        if depth > 4 {
            return;
        }
        for (id, _) in names(text) {
            if let Some(index) = self.by_id.get(&(stack, id)) {
                found.push(*index);
            } else if let Some(name) = self.parameter_source(stack, id) {
                self.read(name, depth, found);
            }
        }
        let inline = text.strip_prefix("{{resolve:ssm:").and_then(|rest| rest.strip_suffix("}}"));
        if let Some(name) = inline {
            self.read(name.split(':').next().unwrap_or(name), depth, found);
        }
        let tail = text.rsplit([':', '/']).next().unwrap_or(text);
        if let Some(Some(index)) = self.by_name.get(text).or_else(|| self.by_name.get(tail)) {
            found.push(*index);
        }
    }

    fn read(&self, name: &str, depth: usize, found: &mut Vec<Index>) {
        let Some(publisher) = self.published.get(name).map(|index| &self.resources[*index]) else {
            return;
        };
        for text in publisher.property("Value").map(texts).into_iter().flatten() {
            self.follow(publisher.stack, &text, depth + 1, found);
        }
    }

    /// The name of the SSM parameter whose value a template parameter takes, if it is of such a type.
    pub(crate) fn parameter_source(&self, stack: usize, name: &str) -> Option<&'a str> {
        let parameter = self.stacks.get(stack)?.1.parameter(name)?;
        let kind = parameter.get("Type")?.as_str()?;
        if !kind.starts_with("AWS::SSM::Parameter::Value<") {
            return None;
        }
        parameter.get("Default")?.as_str()
    }

    /// The stack that publishes what an SSM-typed parameter of `stack` reads, and the texts it publishes.
    pub(crate) fn published_texts(&self, stack: usize, parameter: &str) -> Option<(usize, Vec<String>)> {
        let name = self.parameter_source(stack, parameter)?;
        let publisher = &self.resources[*self.published.get(name)?];
        Some((publisher.stack, texts(publisher.property("Value")?)))
    }

    /// Whether a resource of `kind` refers to `target` at `path`, and is there whenever the target is.
    pub(crate) fn has_helper(&self, kind: &str, path: &'a str, target: &Resource<'_>) -> bool {
        self.by_kind
            .get(kind)
            .into_iter()
            .flatten()
            .map(|index| &self.resources[*index])
            .any(|helper| helper.stands_with(target) && helper.targets(self, path).contains(&target.index))
    }
}

impl<'a> Resource<'a> {
    /// A top-level property as written.
    pub(crate) fn property(&self, name: &str) -> Option<&'a Value> {
        self.body.get("Properties")?.get(name)
    }

    /// Whether this is there whenever `target` is.
    pub(crate) fn stands_with(&self, target: &Resource<'_>) -> bool {
        self.condition.is_none() || (self.stack == target.stack && self.condition == target.condition)
    }

    /// Visits every leaf at a path of the properties; see [`walk`].
    pub(crate) fn each(&self, world: &World<'a>, path: &'a str, mut visit: impl FnMut(&Trail<'a>, Leaf<'a>)) {
        let properties = self.body.get("Properties").unwrap_or(&Value::Null);
        walk(world.stacks[self.stack].1, Some(properties), path, &mut visit);
    }

    /// Every leaf at a path of the properties.
    pub(crate) fn leaves(&self, world: &World<'a>, path: &'a str) -> Vec<Leaf<'a>> {
        let mut found = Vec::new();
        self.each(world, path, |_, leaf| found.push(leaf));
        found
    }

    /// Every leaf at a path under a value of this resource.
    pub(crate) fn leaves_of(&self, world: &World<'a>, value: &'a Value, path: &'a str) -> Vec<Leaf<'a>> {
        let mut found = Vec::new();
        walk(world.stacks[self.stack].1, Some(value), path, &mut |_, leaf| found.push(leaf));
        found
    }

    /// Every text at a path of the properties; see [`texts`].
    pub(crate) fn texts(&self, world: &World<'a>, path: &'a str) -> Vec<String> {
        self.leaves(world, path).into_iter().flat_map(leaf_texts).collect()
    }

    /// The resources that a path of the properties refers to.
    pub(crate) fn targets(&self, world: &World<'a>, path: &'a str) -> Vec<Index> {
        let mut found = Vec::new();
        for text in self.texts(world, path) {
            world.follow(self.stack, &text, 0, &mut found);
        }
        found
    }
}

/// The texts that a leaf may be.
pub(crate) fn leaf_texts(leaf: Leaf<'_>) -> Vec<String> {
    match leaf {
        Leaf::Literal(value) | Leaf::Reference(value) => texts(value),
        Leaf::Parameter(name) => vec![format!("${{{name}}}")],
        Leaf::Missing => Vec::new(),
    }
}
