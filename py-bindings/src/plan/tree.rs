//! Trees: plans as text, with a line for each node, whatever line breaks the names in it have.

use std::fmt::{self, Write as _};

use datafusion::common::tree_node::{TreeNodeRecursion, TreeNodeVisitor};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{LogicalPlan, display_schema};
use datafusion::physical_plan::{DisplayFormatType, ExecutionPlan, ExecutionPlanVisitor, accept};
use planwire_registry::error::OneLine;

/// No escape of one character is longer.
const LONGEST_ESCAPE: usize = r"\u{10ffff}".len();

/// A physical operator's own line.
pub(super) struct Operator<'a>(pub(super) &'a dyn ExecutionPlan);

impl fmt::Display for Operator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_as(DisplayFormatType::Default, f)
    }
}

/// All operations of a logical plan, with the columns of each if `with_schema`.
///
/// # Errors
///
/// DataFusion cannot show one of them.
pub(super) fn logical(plan: &LogicalPlan, with_schema: bool, longest: usize) -> Result<String> {
    let mut visitor = Logical { tree: Tree::new(longest), with_schema };
    plan.visit_with_subqueries(&mut visitor)?;
    Ok(visitor.tree.text)
}

/// All operators of a physical plan.
///
/// # Errors
///
/// DataFusion cannot show one of them.
pub(super) fn physical(plan: &dyn ExecutionPlan, longest: usize) -> Result<String> {
    let mut tree = Tree::new(longest);
    match accept(plan, &mut tree) {
        Err(Stop::Failed) => Err(failed()),
        Ok(()) | Err(Stop::Full) => Ok(tree.text),
    }
}

/// Lines, each indented below the one that it feeds.
struct Tree {
    text: String,
    depth: usize,
    longest: usize,
}

/// Why a tree has no more lines.
enum Stop {
    Full,
    Failed,
}

impl Tree {
    const fn new(longest: usize) -> Self {
        Self { text: String::new(), depth: 0, longest }
    }

    fn add(&mut self, node: impl fmt::Display) -> Result<(), Stop> {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let indent = 2 * self.depth;
        let room = self.longest.saturating_sub(self.text.len() + indent);
        if room < LONGEST_ESCAPE {
            self.text.push('…');
            return Err(Stop::Full);
        }
        self.depth += 1;
        write!(self.text, "{:indent$}{}", "", OneLine::new(node, room)).map_err(|_| Stop::Failed)
    }
}

struct Logical {
    tree: Tree,
    with_schema: bool,
}

impl<'n> TreeNodeVisitor<'n> for Logical {
    type Node = LogicalPlan;

    fn f_down(&mut self, plan: &'n LogicalPlan) -> Result<TreeNodeRecursion> {
        let added = if self.with_schema {
            let schema = display_schema(plan.schema().as_arrow());
            self.tree.add(format_args!("{} {schema}", plan.display()))
        } else {
            self.tree.add(plan.display())
        };
        match added {
            Ok(()) => Ok(TreeNodeRecursion::Continue),
            Err(Stop::Full) => Ok(TreeNodeRecursion::Stop),
            Err(Stop::Failed) => Err(failed()),
        }
    }

    fn f_up(&mut self, _: &'n LogicalPlan) -> Result<TreeNodeRecursion> {
        self.tree.depth -= 1;
        Ok(TreeNodeRecursion::Continue)
    }
}

impl ExecutionPlanVisitor for Tree {
    type Error = Stop;

    fn pre_visit(&mut self, plan: &dyn ExecutionPlan) -> Result<bool, Stop> {
        self.add(Operator(plan)).map(|()| true)
    }

    fn post_visit(&mut self, _: &dyn ExecutionPlan) -> Result<bool, Stop> {
        self.depth -= 1;
        Ok(true)
    }
}

fn failed() -> DataFusionError {
    datafusion::common::exec_datafusion_err!("a node of the plan cannot be shown")
}
