//! The messages of datafusion-proto-models 55.2.0 and datafusion-proto-common 55.2.0, made by `cargo xtask shape`.

use super::{Message, chain, header, many, one};

/// The index of `LogicalExprNode`.
pub(super) const EXPR: usize = 1;
/// The index of `LogicalPlanNode`.
pub(super) const LOGICAL_PLAN: usize = 2;
/// The index of `PhysicalPlanNode`.
pub(super) const PHYSICAL_PLAN: usize = 3;
/// The index of `PhysicalExprNode`.
pub(super) const PHYSICAL_EXPR: usize = 153;
/// The index of `Field`.
pub(super) const FIELD: usize = 133;
/// The index of `ArrowType`.
pub(super) const TYPE: usize = 113;
/// The index of `Schema`.
pub(super) const SCHEMA: usize = 135;
/// The index of `DfSchema`.
pub(super) const DF_SCHEMA: usize = 145;

/// Each message with its parts: the number of the field, and the index of its message.
#[rustfmt::skip]
pub(super) static MESSAGES: &[Message] = &[
    Message { level: false, parts: &[] }, // text and bytes, which have no parts
    Message { level: true, parts: &[one(1, 4), one(2, 5), one(3, 6), one(4, 7), one(6, 8), one(7, 9), one(8, 10), one(9, 11), one(10, 12), one(11, 13), one(13, 14), one(14, 15), one(15, 16), one(17, 17), one(18, 18), one(19, 19), one(20, 20), one(22, 21), one(23, 22), one(24, 23), one(25, 24), one(26, 25), one(27, 26), one(28, 27), one(29, 28), one(30, 29), one(31, 30), one(32, 31), one(33, 32), one(34, 33), one(35, 34), one(36, 35), one(37, 36), one(38, 37), one(39, 38)] }, // LogicalExprNode
    Message { level: true, parts: &[one(1, 39), one(3, 40), one(4, 41), one(5, 42), one(6, 43), one(7, 44), one(8, 45), one(9, 46), one(10, 47), one(11, 48), one(12, 49), one(13, 50), one(14, 51), one(15, 52), one(16, 53), one(17, 54), one(18, 55), one(19, 56), one(20, 57), one(21, 58), one(22, 59), one(23, 60), one(24, 61), one(25, 62), one(26, 63), one(27, 64), one(28, 65), one(29, 66), one(30, 67), one(31, 68), one(32, 69), one(33, 70), one(34, 71)] }, // LogicalPlanNode
    Message { level: true, parts: &[one(1, 72), one(2, 73), one(3, 74), one(4, 75), one(6, 76), one(7, 77), one(8, 78), one(9, 79), one(10, 80), one(11, 81), one(12, 82), one(13, 83), one(14, 84), one(15, 85), one(16, 86), one(17, 87), one(18, 88), one(19, 89), one(20, 90), one(21, 91), one(22, 92), one(23, 93), one(24, 94), one(25, 95), one(26, 96), one(27, 97), one(28, 98), one(29, 99), one(30, 100), one(31, 101), one(32, 102), one(33, 103), one(34, 104), one(35, 105), one(36, 106), one(37, 107), one(38, 108), one(39, 109)] }, // PhysicalPlanNode
    Message { level: false, parts: &[one(2, 110)] }, // Column
    Message { level: false, parts: &[one(1, 1), many(3, 111), many(4, 112)] }, // AliasNode
    Message { level: false, parts: &[one(33, 113), one(15, 114), one(16, 115), one(17, 115), one(18, 115), one(46, 115), one(47, 115), one(32, 115), one(41, 115), one(43, 116), one(44, 117), one(20, 118), one(39, 119), one(26, 120), one(27, 121), one(30, 122), one(25, 123), one(31, 124), one(34, 125), one(42, 126), one(45, 127)] }, // ScalarValue
    Message { level: false, parts: &[chain(1, 1)] }, // BinaryExprNode
    Message { level: false, parts: &[one(1, 1)] }, // IsNull
    Message { level: false, parts: &[one(1, 1)] }, // IsNotNull
    Message { level: false, parts: &[one(1, 1)] }, // Not
    Message { level: false, parts: &[one(1, 1), one(3, 1), one(4, 1)] }, // BetweenNode
    Message { level: false, parts: &[one(1, 1), many(2, 128), one(3, 1)] }, // CaseNode
    Message { level: false, parts: &[one(1, 1), one(2, 113), many(3, 112)] }, // CastNode
    Message { level: false, parts: &[one(1, 1)] }, // NegativeNode
    Message { level: false, parts: &[one(1, 1), many(2, 1)] }, // InListNode
    Message { level: false, parts: &[one(1, 111)] }, // Wildcard
    Message { level: false, parts: &[one(1, 1), one(2, 113), many(3, 112)] }, // TryCastNode
    Message { level: false, parts: &[many(4, 1), many(5, 1), many(6, 129), one(8, 130), one(13, 1)] }, // WindowExprNode
    Message { level: false, parts: &[many(2, 1), one(3, 1), many(4, 129)] }, // AggregateUDFExprNode
    Message { level: false, parts: &[many(2, 1)] }, // ScalarUDFExprNode
    Message { level: false, parts: &[many(1, 131)] }, // GroupingSetNode
    Message { level: false, parts: &[many(1, 1)] }, // CubeNode
    Message { level: false, parts: &[many(1, 1)] }, // RollupNode
    Message { level: false, parts: &[one(1, 1)] }, // IsTrue
    Message { level: false, parts: &[one(1, 1)] }, // IsFalse
    Message { level: false, parts: &[one(1, 1)] }, // IsUnknown
    Message { level: false, parts: &[one(1, 1)] }, // IsNotTrue
    Message { level: false, parts: &[one(1, 1)] }, // IsNotFalse
    Message { level: false, parts: &[one(1, 1)] }, // IsNotUnknown
    Message { level: false, parts: &[one(2, 1), one(3, 1)] }, // LikeNode
    Message { level: false, parts: &[one(2, 1), one(3, 1)] }, // ILikeNode
    Message { level: false, parts: &[one(2, 1), one(3, 1)] }, // SimilarToNode
    Message { level: false, parts: &[one(2, 113), many(4, 112)] }, // PlaceholderNode
    Message { level: false, parts: &[many(1, 1)] }, // Unnest
    Message { level: false, parts: &[one(1, 132)] }, // ScalarSubqueryExprNode
    Message { level: false, parts: &[many(2, 1)] }, // HigherOrderUDFExprNode
    Message { level: false, parts: &[many(1, 0), one(2, 1)] }, // Lambda
    Message { level: false, parts: &[one(2, 133)] }, // LambdaVariable
    Message { level: false, parts: &[one(14, 111), many(2, 0), one(4, 134), one(5, 135), many(6, 1), many(7, 136), one(10, 137), one(11, 138), one(12, 139), one(15, 140), one(16, 141), many(13, 142)] }, // ListingTableScanNode
    Message { level: false, parts: &[one(1, 2), many(2, 1)] }, // ProjectionNode
    Message { level: false, parts: &[one(1, 2), one(2, 1)] }, // SelectionNode
    Message { level: false, parts: &[one(1, 2)] }, // LimitNode
    Message { level: false, parts: &[one(1, 2), many(2, 1), many(3, 1)] }, // AggregateNode
    Message { level: false, parts: &[one(1, 2), one(2, 2), many(5, 1), many(6, 1), one(8, 1)] }, // JoinNode
    Message { level: false, parts: &[one(1, 2), many(2, 129)] }, // SortNode
    Message { level: false, parts: &[one(1, 2), one(3, 143), one(4, 144)] }, // RepartitionNode
    Message { level: false, parts: &[] }, // EmptyRelationNode
    Message { level: false, parts: &[one(9, 111), many(16, 0), one(4, 145), many(5, 0), many(10, 142), many(8, 112), one(12, 146), many(13, 147)] }, // CreateExternalTableNode
    Message { level: false, parts: &[one(1, 2)] }, // ExplainNode
    Message { level: false, parts: &[one(1, 2), many(2, 1)] }, // WindowNode
    Message { level: false, parts: &[one(1, 2), one(4, 148)] }, // AnalyzeNode
    Message { level: false, parts: &[one(1, 2), one(2, 2)] }, // CrossJoinNode
    Message { level: false, parts: &[many(2, 1)] }, // ValuesNode
    Message { level: false, parts: &[many(2, 2)] }, // LogicalExtensionNode
    Message { level: false, parts: &[one(3, 145)] }, // CreateCatalogSchemaNode
    Message { level: false, parts: &[many(1, 2)] }, // UnionNode
    Message { level: false, parts: &[one(3, 145)] }, // CreateCatalogNode
    Message { level: false, parts: &[one(1, 2), one(3, 111)] }, // SubqueryAliasNode
    Message { level: false, parts: &[one(5, 111), one(2, 2)] }, // CreateViewNode
    Message { level: false, parts: &[one(1, 2)] }, // DistinctNode
    Message { level: false, parts: &[one(6, 111), one(2, 2), one(3, 135), one(4, 134)] }, // ViewTableScanNode
    Message { level: false, parts: &[one(6, 111), one(2, 134), one(3, 135), many(4, 1)] }, // CustomTableScanNode
    Message { level: false, parts: &[many(2, 113), one(3, 2), many(4, 133)] }, // PrepareNode
    Message { level: false, parts: &[one(1, 111), one(3, 145)] }, // DropViewNode
    Message { level: false, parts: &[many(1, 1), many(2, 1), many(3, 129), one(4, 2)] }, // DistinctOnNode
    Message { level: false, parts: &[one(1, 2), many(7, 0)] }, // CopyToNode
    Message { level: false, parts: &[one(1, 2), many(2, 4), many(3, 149), one(6, 145), one(7, 150)] }, // UnnestNode
    Message { level: false, parts: &[one(2, 2), one(3, 2)] }, // RecursiveQueryNode
    Message { level: false, parts: &[one(2, 135)] }, // CteWorkTableScanNode
    Message { level: false, parts: &[one(2, 2), one(3, 111), one(5, 2), one(6, 151)] }, // DmlNode
    Message { level: false, parts: &[one(1, 111), one(2, 135), one(3, 134), many(4, 1)] }, // EmptyTableScanNode
    Message { level: false, parts: &[one(1, 152), one(3, 153), one(4, 154)] }, // ParquetScanExecNode
    Message { level: false, parts: &[one(1, 152)] }, // CsvScanExecNode
    Message { level: false, parts: &[one(1, 135)] }, // EmptyExecNode
    Message { level: false, parts: &[one(1, 3), many(2, 153), many(3, 0)] }, // ProjectionExecNode
    Message { level: false, parts: &[one(1, 3), many(4, 155)] }, // GlobalLimitExecNode
    Message { level: false, parts: &[one(1, 3), many(3, 155)] }, // LocalLimitExecNode
    Message { level: false, parts: &[many(1, 153), many(2, 153), one(4, 3), many(5, 0), many(6, 0), one(7, 135), many(8, 153), many(10, 156), one(11, 157), one(13, 153), one(14, 135)] }, // AggregateExecNode
    Message { level: false, parts: &[one(1, 3), one(2, 3), many(3, 158), one(8, 159), one(11, 153)] }, // HashJoinExecNode
    Message { level: false, parts: &[one(1, 3), many(2, 153), one(5, 153)] }, // SortExecNode
    Message { level: false, parts: &[one(1, 3)] }, // CoalesceBatchesExecNode
    Message { level: false, parts: &[one(1, 3), one(2, 153)] }, // FilterExecNode
    Message { level: false, parts: &[one(1, 3)] }, // CoalescePartitionsExecNode
    Message { level: false, parts: &[one(1, 3), one(5, 160)] }, // RepartitionExecNode
    Message { level: false, parts: &[one(1, 3), many(2, 161), many(5, 153), one(7, 162), one(8, 163), one(9, 162)] }, // WindowAggExecNode
    Message { level: false, parts: &[one(1, 3), one(2, 3)] }, // CrossJoinExecNode
    Message { level: false, parts: &[one(1, 152)] }, // AvroScanExecNode
    Message { level: false, parts: &[many(2, 3)] }, // PhysicalExtensionNode
    Message { level: false, parts: &[many(1, 3)] }, // UnionExecNode
    Message { level: false, parts: &[one(1, 135), many(2, 164)] }, // ExplainExecNode
    Message { level: false, parts: &[one(1, 3), many(2, 153)] }, // SortPreservingMergeExecNode
    Message { level: false, parts: &[one(1, 3), one(2, 3), one(4, 159)] }, // NestedLoopJoinExecNode
    Message { level: false, parts: &[one(3, 3), one(4, 135), many(6, 0)] }, // AnalyzeExecNode
    Message { level: false, parts: &[one(1, 3), one(2, 165), one(3, 135), one(4, 166)] }, // JsonSinkExecNode
    Message { level: false, parts: &[one(1, 3), one(2, 3), many(3, 158), one(8, 159), many(9, 155), many(10, 155)] }, // SymmetricHashJoinExecNode
    Message { level: false, parts: &[many(1, 3)] }, // InterleaveExecNode
    Message { level: false, parts: &[one(1, 135)] }, // PlaceholderRowExecNode
    Message { level: false, parts: &[one(1, 3), one(2, 167), one(3, 135), one(4, 166)] }, // CsvSinkExecNode
    Message { level: false, parts: &[one(1, 3), one(2, 168), one(3, 135), one(4, 166)] }, // ParquetSinkExecNode
    Message { level: false, parts: &[one(1, 3), one(2, 135), many(3, 169), one(5, 150)] }, // UnnestExecNode
    Message { level: false, parts: &[one(1, 152)] }, // JsonScanExecNode
    Message { level: false, parts: &[one(1, 3)] }, // CooperativeExecNode
    Message { level: false, parts: &[one(1, 135), one(3, 170), one(4, 171), one(5, 172), one(6, 173)] }, // GenerateSeriesNode
    Message { level: false, parts: &[one(1, 3), one(2, 3), many(3, 158), one(5, 159), many(6, 129)] }, // SortMergeJoinExecNode
    Message { level: false, parts: &[many(1, 0), one(2, 135), many(4, 166)] }, // MemoryScanExecNode
    Message { level: false, parts: &[one(1, 3), many(2, 153), many(3, 0)] }, // AsyncFuncExecNode
    Message { level: false, parts: &[one(1, 3)] }, // BufferExecNode
    Message { level: false, parts: &[one(1, 152)] }, // ArrowScanExecNode
    Message { level: false, parts: &[one(1, 3), many(2, 3)] }, // ScalarSubqueryExecNode
    Message { level: false, parts: &[] }, // ColumnRelation
    Message { level: false, parts: &[one(1, 174), one(2, 175), one(3, 176)] }, // TableReference
    Message { level: false, parts: &[] }, // map of string
    Message { level: false, parts: &[one(1, 162), one(2, 162), one(3, 162), one(4, 162), one(5, 162), one(6, 162), one(7, 162), one(8, 162), one(9, 162), one(10, 162), one(11, 162), one(12, 162), one(13, 162), one(14, 162), one(35, 162), one(32, 162), one(15, 162), one(34, 162), one(31, 162), one(17, 162), one(18, 162), one(20, 177), one(40, 178), one(41, 179), one(24, 180), one(36, 181), one(25, 182), one(26, 182), one(27, 183), one(43, 182), one(44, 182), one(28, 184), one(29, 185), one(30, 186), one(33, 187), one(42, 188)] }, // ArrowType
    Message { level: false, parts: &[] }, // ScalarTime32Value
    Message { level: false, parts: &[header(1, 0), one(3, 135), many(4, 189)] }, // ScalarNestedValue
    Message { level: false, parts: &[] }, // Decimal32
    Message { level: false, parts: &[] }, // Decimal64
    Message { level: false, parts: &[] }, // Decimal128
    Message { level: false, parts: &[] }, // Decimal256
    Message { level: false, parts: &[] }, // ScalarTimestampValue
    Message { level: false, parts: &[one(1, 113), one(2, 6)] }, // ScalarDictionaryValue
    Message { level: false, parts: &[] }, // ScalarTime64Value
    Message { level: false, parts: &[] }, // IntervalDayTimeValue
    Message { level: false, parts: &[] }, // IntervalMonthDayNanoValue
    Message { level: false, parts: &[] }, // ScalarFixedSizeBinary
    Message { level: false, parts: &[one(2, 6), many(3, 190)] }, // UnionValue
    Message { level: false, parts: &[one(1, 133), one(2, 133), one(3, 6)] }, // ScalarRunEndEncodedValue
    Message { level: false, parts: &[one(1, 1), one(2, 1)] }, // WhenThen
    Message { level: false, parts: &[one(1, 1)] }, // SortExprNode
    Message { level: false, parts: &[one(2, 191), one(3, 191)] }, // WindowFrame
    Message { level: false, parts: &[many(1, 1)] }, // LogicalExprList
    Message { level: false, parts: &[one(1, 2), many(2, 1)] }, // SubqueryNode
    Message { level: false, parts: &[one(2, 113), many(4, 133), many(5, 112)] }, // Field
    Message { level: false, parts: &[many(1, 0)] }, // ProjectionColumns
    Message { level: false, parts: &[many(1, 133), many(2, 112)] }, // Schema
    Message { level: false, parts: &[one(2, 113)] }, // PartitionColumn
    Message { level: false, parts: &[one(5, 192)] }, // CsvFormat
    Message { level: false, parts: &[one(2, 154)] }, // ParquetFormat
    Message { level: false, parts: &[] }, // AvroFormat
    Message { level: false, parts: &[one(1, 193)] }, // NdJsonFormat
    Message { level: false, parts: &[] }, // ArrowFormat
    Message { level: false, parts: &[many(1, 129)] }, // SortExprNodeCollection
    Message { level: false, parts: &[many(1, 1)] }, // HashRepartition
    Message { level: false, parts: &[many(1, 129), many(2, 194)] }, // RangeRepartition
    Message { level: false, parts: &[many(1, 195), many(2, 112)] }, // DfSchema
    Message { level: false, parts: &[many(1, 196)] }, // Constraints
    Message { level: false, parts: &[one(2, 1)] }, // map of LogicalExprNode
    Message { level: false, parts: &[] }, // ExplainAnalyzeCategoriesNode
    Message { level: false, parts: &[one(2, 197)] }, // ColumnUnnestListItem
    Message { level: false, parts: &[many(2, 198)] }, // UnnestOptions
    Message { level: false, parts: &[one(1, 1), many(2, 199)] }, // MergeIntoOpNode
    Message { level: false, parts: &[many(1, 200), one(2, 135), one(5, 201), one(6, 202), many(7, 0), many(9, 166), one(11, 146), one(13, 203), one(15, 160)] }, // FileScanExecConf
    Message { level: true, parts: &[one(1, 204), one(2, 6), one(3, 205), one(4, 206), one(5, 207), one(6, 208), one(7, 209), one(8, 210), one(9, 211), one(10, 155), one(11, 212), one(12, 213), one(14, 214), one(15, 161), one(16, 215), one(18, 216), one(19, 217), one(20, 218), one(21, 219), one(22, 220), one(23, 221), one(24, 222), one(25, 223), one(26, 224), one(27, 225)] }, // PhysicalExprNode
    Message { level: false, parts: &[one(1, 226), many(2, 227), many(3, 112)] }, // TableParquetOptions
    Message { level: false, parts: &[one(1, 153)] }, // PhysicalSortExprNode
    Message { level: false, parts: &[one(1, 153)] }, // MaybeFilter
    Message { level: false, parts: &[] }, // AggLimit
    Message { level: false, parts: &[one(1, 153), one(2, 153)] }, // JoinOn
    Message { level: false, parts: &[one(1, 153), many(2, 228), one(3, 135)] }, // JoinFilter
    Message { level: false, parts: &[one(2, 229), one(4, 230)] }, // Partitioning
    Message { level: false, parts: &[many(4, 153), many(5, 153), many(6, 155), one(7, 130)] }, // PhysicalWindowExprNode
    Message { level: false, parts: &[] }, // EmptyMessage
    Message { level: false, parts: &[] }, // PartiallySortedInputOrderMode
    Message { level: false, parts: &[one(1, 231)] }, // StringifiedPlan
    Message { level: false, parts: &[one(1, 232), one(2, 233)] }, // JsonSink
    Message { level: false, parts: &[many(1, 155)] }, // PhysicalSortExprNodeCollection
    Message { level: false, parts: &[one(1, 232), one(2, 234)] }, // CsvSink
    Message { level: false, parts: &[one(1, 232), one(2, 154)] }, // ParquetSink
    Message { level: false, parts: &[] }, // ListUnnest
    Message { level: false, parts: &[] }, // GenerateSeriesArgsContainsNull
    Message { level: false, parts: &[] }, // GenerateSeriesArgsInt64
    Message { level: false, parts: &[one(3, 124)] }, // GenerateSeriesArgsTimestamp
    Message { level: false, parts: &[one(3, 124)] }, // GenerateSeriesArgsDate
    Message { level: false, parts: &[] }, // BareTableReference
    Message { level: false, parts: &[] }, // PartialTableReference
    Message { level: false, parts: &[] }, // FullTableReference
    Message { level: false, parts: &[] }, // Timestamp
    Message { level: false, parts: &[] }, // Decimal32Type
    Message { level: false, parts: &[] }, // Decimal64Type
    Message { level: false, parts: &[] }, // Decimal128Type
    Message { level: false, parts: &[] }, // Decimal256Type
    Message { level: false, parts: &[one(1, 133)] }, // List
    Message { level: false, parts: &[one(1, 133)] }, // FixedSizeList
    Message { level: false, parts: &[many(1, 133)] }, // Struct
    Message { level: false, parts: &[many(1, 133)] }, // Union
    Message { level: false, parts: &[one(1, 113), one(2, 113)] }, // Dictionary
    Message { level: false, parts: &[one(1, 133)] }, // Map
    Message { level: false, parts: &[one(1, 133), one(2, 133)] }, // RunEndEncoded
    Message { level: false, parts: &[header(1, 0)] }, // ScalarNestedValue.Dictionary
    Message { level: false, parts: &[one(2, 133)] }, // UnionField
    Message { level: false, parts: &[one(2, 6)] }, // WindowFrameBound
    Message { level: false, parts: &[] }, // CsvOptions
    Message { level: false, parts: &[] }, // JsonOptions
    Message { level: false, parts: &[many(1, 6)] }, // RangeSplitPoint
    Message { level: false, parts: &[one(1, 133), one(2, 110)] }, // DfField
    Message { level: false, parts: &[one(1, 235), one(2, 236)] }, // Constraint
    Message { level: false, parts: &[one(1, 4)] }, // ColumnUnnestListRecursion
    Message { level: false, parts: &[one(1, 4), one(2, 4)] }, // RecursionUnnestOption
    Message { level: false, parts: &[one(2, 1), one(3, 237)] }, // MergeIntoClauseNode
    Message { level: false, parts: &[many(1, 238)] }, // FileGroup
    Message { level: false, parts: &[] }, // ScanLimit
    Message { level: false, parts: &[one(1, 239), one(2, 239), many(3, 240)] }, // Statistics
    Message { level: false, parts: &[many(1, 241)] }, // ProjectionExprs
    Message { level: false, parts: &[] }, // PhysicalColumn
    Message { level: false, parts: &[one(1, 153), one(2, 153), chain(4, 153)] }, // PhysicalBinaryExprNode
    Message { level: false, parts: &[many(2, 153), many(5, 155)] }, // PhysicalAggregateExprNode
    Message { level: false, parts: &[one(1, 153)] }, // PhysicalIsNull
    Message { level: false, parts: &[one(1, 153)] }, // PhysicalIsNotNull
    Message { level: false, parts: &[one(1, 153)] }, // PhysicalNot
    Message { level: false, parts: &[one(1, 153), many(2, 242), one(3, 153)] }, // PhysicalCaseNode
    Message { level: false, parts: &[one(1, 153), one(2, 113)] }, // PhysicalCastNode
    Message { level: false, parts: &[one(1, 153)] }, // PhysicalNegativeNode
    Message { level: false, parts: &[one(1, 153), many(2, 153)] }, // PhysicalInListNode
    Message { level: false, parts: &[one(1, 153), one(2, 113)] }, // PhysicalTryCastNode
    Message { level: false, parts: &[many(2, 153), one(4, 113)] }, // PhysicalScalarUdfNode
    Message { level: false, parts: &[one(3, 153), one(4, 153)] }, // PhysicalLikeExprNode
    Message { level: false, parts: &[many(2, 153)] }, // PhysicalExtensionExprNode
    Message { level: false, parts: &[] }, // UnknownColumn
    Message { level: false, parts: &[many(1, 153)] }, // PhysicalHashExprNode
    Message { level: false, parts: &[one(1, 113)] }, // PhysicalScalarSubqueryExprNode
    Message { level: false, parts: &[many(1, 153), many(2, 153), one(4, 153)] }, // PhysicalDynamicFilterNode
    Message { level: false, parts: &[many(2, 153)] }, // PhysicalHigherOrderUdfNode
    Message { level: false, parts: &[many(1, 0), one(2, 153)] }, // PhysicalLambdaExprNode
    Message { level: false, parts: &[one(2, 133)] }, // PhysicalLambdaVariableExprNode
    Message { level: false, parts: &[many(1, 155), many(2, 243)] }, // PhysicalRangeExprNode
    Message { level: false, parts: &[one(35, 244)] }, // ParquetOptions
    Message { level: false, parts: &[one(2, 245)] }, // ParquetColumnSpecificOptions
    Message { level: false, parts: &[] }, // ColumnIndex
    Message { level: false, parts: &[many(1, 153)] }, // PhysicalHashRepartition
    Message { level: false, parts: &[many(1, 155), many(2, 243)] }, // PhysicalRangePartitioning
    Message { level: false, parts: &[one(1, 162), one(7, 246), one(8, 162), one(2, 247), one(3, 162), one(4, 162), one(9, 162), one(11, 162), one(5, 248), one(6, 162), one(10, 162), one(12, 162), one(13, 162)] }, // PlanType
    Message { level: false, parts: &[many(2, 238), many(3, 0), one(4, 135), many(5, 136)] }, // FileSinkConfig
    Message { level: false, parts: &[] }, // JsonWriterOptions
    Message { level: false, parts: &[] }, // CsvWriterOptions
    Message { level: false, parts: &[] }, // PrimaryKeyConstraint
    Message { level: false, parts: &[] }, // UniqueConstraint
    Message { level: false, parts: &[one(1, 249), one(2, 250), one(3, 251)] }, // MergeIntoActionNode
    Message { level: false, parts: &[many(4, 6), one(5, 252), one(6, 202), one(7, 135)] }, // PartitionedFile
    Message { level: false, parts: &[one(2, 6)] }, // Precision
    Message { level: false, parts: &[one(1, 239), one(2, 239), one(5, 239), one(3, 239), one(4, 239), one(6, 239)] }, // ColumnStats
    Message { level: false, parts: &[one(2, 153)] }, // ProjectionExpr
    Message { level: false, parts: &[one(1, 153), one(2, 153)] }, // PhysicalWhenThen
    Message { level: false, parts: &[many(1, 6)] }, // PhysicalRangeSplitPoint
    Message { level: false, parts: &[] }, // ParquetCdcOptions
    Message { level: false, parts: &[] }, // ParquetColumnOptions
    Message { level: false, parts: &[] }, // AnalyzedLogicalPlanType
    Message { level: false, parts: &[] }, // OptimizedLogicalPlanType
    Message { level: false, parts: &[] }, // OptimizedPhysicalPlanType
    Message { level: false, parts: &[many(1, 253)] }, // MergeUpdateAction
    Message { level: false, parts: &[many(1, 0), many(2, 1)] }, // MergeInsertAction
    Message { level: false, parts: &[] }, // MergeDeleteAction
    Message { level: false, parts: &[] }, // FileRange
    Message { level: false, parts: &[one(2, 1)] }, // MergeAssignment
];
