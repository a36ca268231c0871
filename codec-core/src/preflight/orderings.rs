//! Orderings of physical plans: how many DataFusion would make for a plan above a sorted one.
//!
//! A projection carries the orderings of its input over to its own columns. DataFusion makes every
//! combination of the expressions that keep an ordering, and every permutation of the sort expressions
//! that one of them refers to, so a kilobyte of a plan could take hours to decode.

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::error::Result;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::physical_expr::expressions::{Column, Literal};
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};

use crate::limits::{Limit, Limits};

/// Work of one ordering, in the unit of [`Limit::Work`].
const ORDERING: usize = 1024;

/// Whether a projection of `sources` expressions could make more orderings than are worth counting.
pub(crate) fn are_worth_counting(input: &Arc<dyn ExecutionPlan>, sources: usize) -> bool {
    const FEW: f64 = 1000.0;
    let class = input.equivalence_properties().oeq_class();
    let longest = class.iter().map(|ordering| ordering.len()).max().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let (longest, sources) = (longest.max(1) as f64, sources as f64);
    // An upper bound on the combinations; above six sort expressions the permutations alone are too many.
    longest > 6.0 || (1.0 + sources / longest).powf(longest) > FEW
}

/// Refuses a projection onto a sorted plan for which DataFusion would make too many orderings.
pub(crate) fn check(
    input: &Arc<dyn ExecutionPlan>,
    sources: &[Arc<dyn PhysicalExpr>],
    limits: &Limits,
) -> Result<()> {
    let schema = input.schema();
    let class = input.equivalence_properties().oeq_class();
    let mut keys: Vec<PhysicalSortExpr> = Vec::new();
    let mut orderings = 0_usize;
    for ordering in class.iter() {
        let mut combinations = 1_usize;
        for key in ordering {
            let others = sources.iter().filter(|source| keeps(source, key, &schema));
            combinations = combinations.saturating_mul(1 + others.count());
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        orderings = orderings.saturating_add(combinations);
    }
    for source in sources {
        let referred: Vec<_> = keys.iter().filter(|key| refers(source, &key.expr)).cloned().collect();
        let ordered = properties(source, &referred, &schema)
            .is_some_and(|found| matches!(found.sort_properties, SortProperties::Ordered(_)));
        if ordered {
            let permutations = (1..=referred.len()).fold(1_usize, usize::saturating_mul);
            orderings = orderings.saturating_add(permutations);
        }
    }
    count(orderings, limits)
}

/// Refuses a plan with too many or too long orderings. A join has one for each pair of its inputs' orderings,
/// and the plans above compare each prefix of an ordering with every other.
pub(crate) fn check_plan(plan: &Arc<dyn ExecutionPlan>, limits: &Limits) -> Result<()> {
    const SQUARED: usize = 64;
    /// Prefixes of an ordering that take as long as one ordering does.
    const PREFIXES: usize = 128;
    let class = plan.equivalence_properties().oeq_class();
    let lengths = class.iter().map(|ordering| ordering.len());
    let prefixes = lengths.fold(0_usize, |sum, length| sum.saturating_add(length.saturating_pow(3)));
    count(class.len().saturating_mul(SQUARED).saturating_add(prefixes / PREFIXES), limits)
}

fn count(orderings: usize, limits: &Limits) -> Result<()> {
    let work = orderings.saturating_mul(ORDERING);
    limits.check(Limit::Work, work).map_err(|excess| excess.on_decode().into())
}

/// Whether rows that are sorted by `key` are sorted by another expression as well.
fn keeps(source: &Arc<dyn PhysicalExpr>, key: &PhysicalSortExpr, schema: &Schema) -> bool {
    !source.eq(&key.expr)
        && refers(source, &key.expr)
        && properties(source, std::slice::from_ref(key), schema).is_some_and(|found| {
            found.strictly_order_preserving && found.sort_properties == SortProperties::Ordered(key.options)
        })
}

fn refers(source: &Arc<dyn PhysicalExpr>, key: &Arc<dyn PhysicalExpr>) -> bool {
    source.eq(key) || source.children().into_iter().any(|child| refers(child, key))
}

/// The order of an expression in rows that are sorted by each of the `keys`.
fn properties(
    source: &Arc<dyn PhysicalExpr>,
    keys: &[PhysicalSortExpr],
    schema: &Schema,
) -> Option<ExprProperties> {
    let unbounded = || Interval::make_unbounded(&source.data_type(schema).ok()?).ok();
    if let Some(key) = keys.iter().find(|key| key.expr.eq(source)) {
        return Some(ExprProperties {
            sort_properties: SortProperties::Ordered(key.options),
            range: unbounded()?,
            preserves_lex_ordering: true,
            strictly_order_preserving: true,
        });
    }
    if source.downcast_ref::<Column>().is_some() {
        return Some(ExprProperties { range: unbounded()?, ..ExprProperties::new_unknown() });
    }
    let children = match source.downcast_ref::<Literal>() {
        Some(_) => Vec::new(),
        None => source
            .children()
            .into_iter()
            .map(|child| properties(child, keys, schema))
            .collect::<Option<Vec<_>>>()?,
    };
    source.get_properties(&children).ok()
}
