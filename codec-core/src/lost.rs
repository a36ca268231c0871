//! What DataFusion's protobuf would lose of a plan without a word, refused where the plan is encoded.

use datafusion::common::not_impl_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::logical_expr::LogicalPlan;

/// Refuses a logical plan of which a receiver would get another one.
pub(crate) fn check_logical_plan(plan: &LogicalPlan) -> Result<()> {
    let mut lost = Ok(());
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::Copy(copy) = node
            && !copy.options.is_empty()
        {
            let mut names: Vec<_> = copy.options.keys().map(String::as_str).collect();
            names.sort_unstable();
            lost = not_impl_err!("the options of COPY TO are not carried: {}", names.join(", "));
            return Ok(TreeNodeRecursion::Stop);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    lost
}
