//! The fields of datafusion-proto-models 55.2.0 and datafusion-proto-common 55.2.0 that hold no messages, made by `cargo xtask shape`.

use super::buffers::Field::{self, *};
use crate::Kind::*;

/// The fields of each message, in the order of the messages in the other table.
#[rustfmt::skip]
pub(super) static FIELDS: &[&[(u32, Field)]] = &[
    &[], // text and bytes
    &[], // LogicalExprNode
    &[], // LogicalPlanNode
    &[], // PhysicalPlanNode
    &[(1, Text)], // Column
    &[(2, Text)], // AliasNode
    &[(1, Number), (2, Text), (3, Text), (23, Text), (4, Number), (5, Number), (6, Number), (7, Number), (8, Number), (9, Number), (10, Number), (11, Number), (12, Four), (13, Eight), (14, Number), (21, Number), (24, Number), (35, Number), (36, Number), (37, Number), (38, Number), (28, Bytes), (29, Bytes), (22, Bytes)], // ScalarValue
    &[(3, Text)], // BinaryExprNode
    &[], // IsNull
    &[], // IsNotNull
    &[], // Not
    &[(2, Number)], // BetweenNode
    &[], // CaseNode
    &[(4, Number)], // CastNode
    &[], // NegativeNode
    &[(3, Number)], // InListNode
    &[], // Wildcard
    &[(4, Number)], // TryCastNode
    &[(3, Name(AggregateUdf)), (9, Name(WindowUdf)), (10, Codec(WindowUdf)), (11, Number), (12, Number)], // WindowExprNode
    &[(1, Name(AggregateUdf)), (5, Number), (6, Codec(AggregateUdf)), (7, Number)], // AggregateUDFExprNode
    &[(1, Name(ScalarUdf)), (3, Codec(ScalarUdf))], // ScalarUDFExprNode
    &[], // GroupingSetNode
    &[], // CubeNode
    &[], // RollupNode
    &[], // IsTrue
    &[], // IsFalse
    &[], // IsUnknown
    &[], // IsNotTrue
    &[], // IsNotFalse
    &[], // IsNotUnknown
    &[(1, Number), (4, Text)], // LikeNode
    &[(1, Number), (4, Text)], // ILikeNode
    &[(1, Number), (4, Text)], // SimilarToNode
    &[(1, Text), (3, Number)], // PlaceholderNode
    &[(2, Number)], // Unnest
    &[], // ScalarSubqueryExprNode
    &[(1, Name(HigherOrderUdf)), (3, Codec(HigherOrderUdf))], // HigherOrderUDFExprNode
    &[(1, Text)], // Lambda
    &[(1, Text)], // LambdaVariable
    &[(2, Text), (3, Text)], // ListingTableScanNode
    &[(3, Text)], // ProjectionNode
    &[], // SelectionNode
    &[(2, Number), (3, Number)], // LimitNode
    &[], // AggregateNode
    &[(3, Number), (4, Number), (7, Number), (9, Number)], // JoinNode
    &[(3, Number)], // SortNode
    &[(2, Number)], // RepartitionNode
    &[(1, Number)], // EmptyRelationNode
    &[(2, Text), (16, Text), (3, Text), (5, Text), (6, Number), (15, Number), (14, Number), (7, Text), (11, Number)], // CreateExternalTableNode
    &[(2, Number), (3, Number), (4, Number)], // ExplainNode
    &[], // WindowNode
    &[(2, Number), (3, Number), (5, Number)], // AnalyzeNode
    &[], // CrossJoinNode
    &[(1, Number)], // ValuesNode
    &[(1, Codec(LogicalNode))], // LogicalExtensionNode
    &[(1, Text), (2, Number)], // CreateCatalogSchemaNode
    &[], // UnionNode
    &[(1, Text), (2, Number)], // CreateCatalogNode
    &[], // SubqueryAliasNode
    &[(3, Number), (6, Number), (4, Text)], // CreateViewNode
    &[], // DistinctNode
    &[(5, Text)], // ViewTableScanNode
    &[(6, Table), (5, Codec(TableProvider))], // CustomTableScanNode
    &[(1, Text)], // PrepareNode
    &[(2, Number)], // DropViewNode
    &[], // DistinctOnNode
    &[(2, Text), (3, Codec(FileFormat)), (7, Text)], // CopyToNode
    &[(4, Numbers), (5, Numbers)], // UnnestNode
    &[(1, Text), (4, Number)], // RecursiveQueryNode
    &[(1, Text)], // CteWorkTableScanNode
    &[(1, Number)], // DmlNode
    &[], // EmptyTableScanNode
    &[], // ParquetScanExecNode
    &[(2, Number), (3, Text), (4, Text), (5, Text), (6, Text), (7, Number), (8, Number)], // CsvScanExecNode
    &[(2, Number)], // EmptyExecNode
    &[(3, Text)], // ProjectionExecNode
    &[(2, Number), (3, Number)], // GlobalLimitExecNode
    &[(2, Number)], // LocalLimitExecNode
    &[(3, Number), (5, Text), (6, Text), (9, Numbers), (12, Number)], // AggregateExecNode
    &[(4, Number), (6, Number), (7, Number), (9, Numbers), (10, Number), (12, Number)], // HashJoinExecNode
    &[(3, Number), (4, Number)], // SortExecNode
    &[(2, Number), (3, Number)], // CoalesceBatchesExecNode
    &[(3, Number), (9, Numbers), (10, Number), (11, Number)], // FilterExecNode
    &[(2, Number)], // CoalescePartitionsExecNode
    &[(6, Number)], // RepartitionExecNode
    &[], // WindowAggExecNode
    &[], // CrossJoinExecNode
    &[], // AvroScanExecNode
    &[(1, Codec(PhysicalNode))], // PhysicalExtensionNode
    &[], // UnionExecNode
    &[(3, Number)], // ExplainExecNode
    &[(3, Number)], // SortPreservingMergeExecNode
    &[(3, Number), (5, Numbers)], // NestedLoopJoinExecNode
    &[(1, Number), (2, Number), (5, Number), (6, Text), (7, Number)], // AnalyzeExecNode
    &[], // JsonSinkExecNode
    &[(4, Number), (6, Number), (7, Number)], // SymmetricHashJoinExecNode
    &[], // InterleaveExecNode
    &[(2, Number)], // PlaceholderRowExecNode
    &[], // CsvSinkExecNode
    &[], // ParquetSinkExecNode
    &[(4, Numbers)], // UnnestExecNode
    &[], // JsonScanExecNode
    &[], // CooperativeExecNode
    &[(2, Number)], // GenerateSeriesNode
    &[(4, Number), (7, Number)], // SortMergeJoinExecNode
    &[(1, Bytes), (3, Numbers), (5, Number), (6, Number)], // MemoryScanExecNode
    &[(3, Text)], // AsyncFuncExecNode
    &[(2, Number)], // BufferExecNode
    &[], // ArrowScanExecNode
    &[], // ScalarSubqueryExecNode
    &[(1, Text)], // ColumnRelation
    &[], // TableReference
    &[(1, Text), (2, Text)], // map of string
    &[(16, Number), (19, Number), (21, Number), (22, Number), (23, Number)], // ArrowType
    &[(1, Number), (2, Number)], // ScalarTime32Value
    &[(1, Bytes), (2, Bytes)], // ScalarNestedValue
    &[(1, Bytes), (2, Number), (3, Number)], // Decimal32
    &[(1, Bytes), (2, Number), (3, Number)], // Decimal64
    &[(1, Bytes), (2, Number), (3, Number)], // Decimal128
    &[(1, Bytes), (2, Number), (3, Number)], // Decimal256
    &[(1, Number), (2, Number), (3, Number), (4, Number), (5, Text)], // ScalarTimestampValue
    &[], // ScalarDictionaryValue
    &[(1, Number), (2, Number)], // ScalarTime64Value
    &[(1, Number), (2, Number)], // IntervalDayTimeValue
    &[(1, Number), (2, Number), (3, Number)], // IntervalMonthDayNanoValue
    &[(1, Bytes), (2, Number)], // ScalarFixedSizeBinary
    &[(1, Number), (4, Number)], // UnionValue
    &[], // ScalarRunEndEncodedValue
    &[], // WhenThen
    &[(2, Number), (3, Number)], // SortExprNode
    &[(1, Number)], // WindowFrame
    &[], // LogicalExprList
    &[], // SubqueryNode
    &[(1, Text), (3, Number)], // Field
    &[(1, Text)], // ProjectionColumns
    &[], // Schema
    &[(1, Text)], // PartitionColumn
    &[], // CsvFormat
    &[], // ParquetFormat
    &[], // AvroFormat
    &[], // NdJsonFormat
    &[], // ArrowFormat
    &[], // SortExprNodeCollection
    &[(2, Number)], // HashRepartition
    &[], // RangeRepartition
    &[], // DfSchema
    &[], // Constraints
    &[(1, Text)], // map of LogicalExprNode
    &[(1, Number), (2, Numbers)], // ExplainAnalyzeCategoriesNode
    &[(1, Number)], // ColumnUnnestListItem
    &[(3, Number)], // UnnestOptions
    &[], // MergeIntoOpNode
    &[(4, Numbers), (7, Text), (8, Text), (12, Number)], // FileScanExecConf
    &[(30, Number)], // PhysicalExprNode
    &[], // TableParquetOptions
    &[(2, Number), (3, Number)], // PhysicalSortExprNode
    &[], // MaybeFilter
    &[(1, Number), (2, Number)], // AggLimit
    &[], // JoinOn
    &[], // JoinFilter
    &[(1, Number), (3, Number)], // Partitioning
    &[(3, Name(AggregateUdf)), (10, Name(WindowUdf)), (8, Text), (9, Codec(WindowUdf)), (11, Number), (12, Number)], // PhysicalWindowExprNode
    &[], // EmptyMessage
    &[(6, Numbers)], // PartiallySortedInputOrderMode
    &[(2, Text)], // StringifiedPlan
    &[], // JsonSink
    &[], // PhysicalSortExprNodeCollection
    &[], // CsvSink
    &[], // ParquetSink
    &[(1, Number), (2, Number)], // ListUnnest
    &[(1, Number)], // GenerateSeriesArgsContainsNull
    &[(1, Number), (2, Number), (3, Number), (4, Number), (5, Number)], // GenerateSeriesArgsInt64
    &[(1, Number), (2, Number), (4, Text), (5, Number), (6, Number)], // GenerateSeriesArgsTimestamp
    &[(1, Number), (2, Number), (4, Number), (5, Number)], // GenerateSeriesArgsDate
    &[(1, Text)], // BareTableReference
    &[(1, Text), (2, Text)], // PartialTableReference
    &[(1, Text), (2, Text), (3, Text)], // FullTableReference
    &[(1, Number), (2, Text)], // Timestamp
    &[(3, Number), (4, Number)], // Decimal32Type
    &[(3, Number), (4, Number)], // Decimal64Type
    &[(3, Number), (4, Number)], // Decimal128Type
    &[(3, Number), (4, Number)], // Decimal256Type
    &[], // List
    &[(2, Number)], // FixedSizeList
    &[], // Struct
    &[(2, Number), (3, Numbers)], // Union
    &[], // Dictionary
    &[(2, Number)], // Map
    &[], // RunEndEncoded
    &[(1, Bytes), (2, Bytes)], // ScalarNestedValue.Dictionary
    &[(1, Number)], // UnionField
    &[(1, Number)], // WindowFrameBound
    &[(1, Bytes), (2, Bytes), (3, Bytes), (4, Bytes), (5, Number), (6, Number), (7, Text), (8, Text), (9, Text), (10, Text), (11, Text), (12, Text), (13, Text), (14, Bytes), (15, Bytes), (16, Bytes), (17, Bytes), (18, Bytes), (19, Number), (20, Number), (21, Bytes), (22, Bytes)], // CsvOptions
    &[(1, Number), (2, Number), (3, Number), (4, Number)], // JsonOptions
    &[], // RangeSplitPoint
    &[], // DfField
    &[], // Constraint
    &[(2, Number)], // ColumnUnnestListRecursion
    &[(3, Number)], // RecursionUnnestOption
    &[(1, Number)], // MergeIntoClauseNode
    &[], // FileGroup
    &[(1, Number)], // ScanLimit
    &[], // Statistics
    &[], // ProjectionExprs
    &[(1, Text), (2, Number)], // PhysicalColumn
    &[(3, Text)], // PhysicalBinaryExprNode
    &[(4, Name(AggregateUdf)), (3, Number), (6, Number), (7, Codec(AggregateUdf)), (8, Text), (9, Number)], // PhysicalAggregateExprNode
    &[], // PhysicalIsNull
    &[], // PhysicalIsNotNull
    &[], // PhysicalNot
    &[], // PhysicalCaseNode
    &[], // PhysicalCastNode
    &[], // PhysicalNegativeNode
    &[(3, Number)], // PhysicalInListNode
    &[], // PhysicalTryCastNode
    &[(1, Name(ScalarUdf)), (3, Codec(ScalarUdf)), (5, Number), (6, Text)], // PhysicalScalarUdfNode
    &[(1, Number), (2, Number)], // PhysicalLikeExprNode
    &[(1, Codec(PhysicalExpr))], // PhysicalExtensionExprNode
    &[(1, Text)], // UnknownColumn
    &[(2, Number), (6, Text)], // PhysicalHashExprNode
    &[(2, Number), (3, Number)], // PhysicalScalarSubqueryExprNode
    &[(3, Number), (5, Number)], // PhysicalDynamicFilterNode
    &[(1, Name(HigherOrderUdf)), (3, Codec(HigherOrderUdf))], // PhysicalHigherOrderUdfNode
    &[(1, Text)], // PhysicalLambdaExprNode
    &[(1, Number)], // PhysicalLambdaVariableExprNode
    &[], // PhysicalRangeExprNode
    &[(1, Number), (2, Number), (3, Number), (5, Number), (6, Number), (34, Number), (7, Number), (8, Number), (9, Text), (23, Number), (24, Number), (25, Number), (26, Number), (27, Number), (28, Number), (29, Number), (30, Number), (4, Number), (10, Text), (11, Number), (13, Text), (17, Number), (31, Number), (19, Text), (21, Eight), (22, Number), (12, Number), (18, Number), (15, Number), (38, Number), (16, Text), (32, Text), (33, Number), (37, Number), (36, Text)], // ParquetOptions
    &[(1, Text)], // ParquetColumnSpecificOptions
    &[(1, Number), (2, Number)], // ColumnIndex
    &[(2, Number)], // PhysicalHashRepartition
    &[], // PhysicalRangePartitioning
    &[], // PlanType
    &[(1, Text), (3, Text), (9, Number), (10, Number), (11, Text), (12, Number)], // FileSinkConfig
    &[(1, Number)], // JsonWriterOptions
    &[(1, Number), (2, Text), (3, Number), (4, Text), (5, Text), (6, Text), (7, Text), (8, Text), (9, Text), (10, Text), (11, Number), (12, Number), (13, Number), (14, Number)], // CsvWriterOptions
    &[(1, Numbers)], // PrimaryKeyConstraint
    &[(1, Numbers)], // UniqueConstraint
    &[], // MergeIntoActionNode
    &[(1, Text), (2, Number), (3, Number)], // PartitionedFile
    &[(1, Number)], // Precision
    &[], // ColumnStats
    &[(1, Text)], // ProjectionExpr
    &[], // PhysicalWhenThen
    &[], // PhysicalRangeSplitPoint
    &[(1, Number), (2, Number), (3, Number), (4, Number)], // ParquetCdcOptions
    &[(1, Number), (2, Text), (3, Number), (4, Text), (5, Text), (6, Eight), (7, Number)], // ParquetColumnOptions
    &[(1, Text)], // AnalyzedLogicalPlanType
    &[(1, Text)], // OptimizedLogicalPlanType
    &[(1, Text)], // OptimizedPhysicalPlanType
    &[], // MergeUpdateAction
    &[(1, Text)], // MergeInsertAction
    &[], // MergeDeleteAction
    &[(1, Number), (2, Number)], // FileRange
    &[(1, Text)], // MergeAssignment
];
