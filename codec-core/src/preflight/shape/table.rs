//! The messages of datafusion-proto-models 55.2.0 and datafusion-proto-common 55.2.0, made by `cargo xtask shape`.

use super::message::Role::*;
use super::message::Slot::*;
use super::message::{Message, message};
use crate::plan::kind::Kind::*;

/// The index of `LogicalExprNode`.
pub(super) const EXPR: u16 = 1;
/// The index of `LogicalPlanNode`.
pub(super) const LOGICAL_PLAN: u16 = 2;
/// The index of `PhysicalPlanNode`.
pub(super) const PHYSICAL_PLAN: u16 = 3;
/// The index of `PhysicalExprNode`.
pub(super) const PHYSICAL_EXPR: u16 = 153;

/// Each message: its role, and its fields from number 1 on.
#[rustfmt::skip]
pub(super) static MESSAGES: &[Message] = &[
    message(Plain, &[]), // texts and bytes, which hold no fields
    message(Expr, &[One(4), One(5), One(6), One(7), Vacant, One(8), One(9), One(10), One(11), One(12), One(13), Vacant, One(14), One(15), One(16), Vacant, One(17), One(18), One(19), One(20), Vacant, One(21), One(22), One(23), One(24), One(25), One(26), One(27), One(28), One(29), One(30), One(31), One(32), One(33), One(34), One(35), One(36), One(37), One(38)]), // LogicalExprNode
    message(Plan, &[One(39), Vacant, One(40), One(41), One(42), One(43), One(44), One(45), One(46), One(47), One(48), One(49), One(50), One(51), One(52), One(53), One(54), One(55), One(56), One(57), One(58), One(59), One(60), One(61), One(62), One(63), One(64), One(65), One(66), One(67), One(68), One(69), One(70), One(71)]), // LogicalPlanNode
    message(Plan, &[One(72), One(73), One(74), One(75), Vacant, One(76), One(77), One(78), One(79), One(80), One(81), One(82), One(83), One(84), One(85), One(86), One(87), One(88), One(89), One(90), One(91), One(92), One(93), One(94), One(95), One(96), One(97), One(98), One(99), One(100), One(101), One(102), One(103), One(104), One(105), One(106), One(107), One(108), One(109)]), // PhysicalPlanNode
    message(Plain, &[Text, One(110)]), // Column
    message(Plain, &[Again(1, 3), Text, Many(111), Many(112)]), // AliasNode
    message(Plain, &[Number, Free, Free, Number, Number, Number, Number, Number, Number, Number, Number, Four, Eight, Number, One(114), One(115), One(115), One(115), Vacant, One(118), Number, Bytes, Free, Number, One(123), One(120), One(121), Bytes, Bytes, One(122), One(124), One(115), One(113), One(125), Number, Number, Number, Number, One(119), Vacant, One(115), One(126), One(116), One(117), One(127), One(115), One(115)]), // ScalarValue
    message(Plain, &[Chain(1), Vacant, Operator]), // BinaryExprNode
    message(Plain, &[One(1)]), // IsNull
    message(Plain, &[One(1)]), // IsNotNull
    message(Plain, &[One(1)]), // Not
    message(Plain, &[Again(1, 3), Number, One(1), One(1)]), // BetweenNode
    message(Plain, &[Again(1, 2), Many(128), One(1)]), // CaseNode
    message(Plain, &[Again(1, 3), One(113), Many(112), Number]), // CastNode
    message(Plain, &[One(1)]), // NegativeNode
    message(Plain, &[Again(1, 4), Many(1), Number]), // InListNode
    message(Plain, &[One(111)]), // Wildcard
    message(Plain, &[Again(1, 3), One(113), Many(112), Number]), // TryCastNode
    message(Plain, &[Vacant, Vacant, Name(AggregateUdf), ManyAgain(1, 2), Many(1), Many(129), Vacant, One(130), Name(WindowUdf), Codec(WindowUdf), Number, Number, One(1)]), // WindowExprNode
    message(Plain, &[Name(AggregateUdf), ManyAgain(1, 2), Again(1, 2), Many(129), Number, Codec(AggregateUdf), Number]), // AggregateUDFExprNode
    message(Call, &[Name(ScalarUdf), Many(1), Codec(ScalarUdf)]), // ScalarUDFExprNode
    message(GroupingSet, &[Many(131)]), // GroupingSetNode
    message(Cube, &[Many(1)]), // CubeNode
    message(Rollup, &[Many(1)]), // RollupNode
    message(Plain, &[One(1)]), // IsTrue
    message(Plain, &[One(1)]), // IsFalse
    message(Plain, &[One(1)]), // IsUnknown
    message(Plain, &[One(1)]), // IsNotTrue
    message(Plain, &[One(1)]), // IsNotFalse
    message(Plain, &[One(1)]), // IsNotUnknown
    message(Plain, &[Number, Again(1, 3), One(1), Free]), // LikeNode
    message(Plain, &[Number, Again(1, 3), One(1), Free]), // ILikeNode
    message(Plain, &[Number, One(1), One(1), Free]), // SimilarToNode
    message(Plain, &[Text, One(113), Number, Many(112)]), // PlaceholderNode
    message(Plain, &[Many(1), Number]), // Unnest
    message(Plain, &[One(132)]), // ScalarSubqueryExprNode
    message(Plain, &[Name(HigherOrderUdf), Many(1), Codec(HigherOrderUdf)]), // HigherOrderUDFExprNode
    message(Plain, &[Texts, Again(1, 4)]), // Lambda
    message(Plain, &[Text, One(133)]), // LambdaVariable
    message(Plain, &[Vacant, Texts, Text, One(134), One(135), Many(1), Many(136), Vacant, Vacant, One(137), One(138), One(139), Many(142), One(111), One(140), One(141)]), // ListingTableScanNode
    message(Plain, &[One(2), Many(1), Text]), // ProjectionNode
    message(Plain, &[One(2), One(1)]), // SelectionNode
    message(Plain, &[One(2), Number, Number]), // LimitNode
    message(Aggregate, &[One(2), Many(1), Many(1)]), // AggregateNode
    message(Plain, &[One(2), One(2), Number, Number, Many(1), Many(1), Number, One(1), Number]), // JoinNode
    message(Plain, &[One(2), Many(129), Number]), // SortNode
    message(Plain, &[One(2), Count, One(143), One(144)]), // RepartitionNode
    message(Plain, &[Number]), // EmptyRelationNode
    message(Writes("CREATE EXTERNAL TABLE"), &[Vacant, Text, Text, One(145), Texts, Number, Free, Many(112), One(111), Many(142), Number, One(146), Many(147), Number, Number, Texts]), // CreateExternalTableNode
    message(Plain, &[One(2), Number, Number, Number]), // ExplainNode
    message(Plain, &[One(2), Many(1)]), // WindowNode
    message(Plain, &[One(2), Number, Number, One(148), Number]), // AnalyzeNode
    message(Plain, &[One(2), One(2)]), // CrossJoinNode
    message(Plain, &[Number, Many(1)]), // ValuesNode
    message(Plain, &[Codec(LogicalNode), Many(2)]), // LogicalExtensionNode
    message(Writes("CREATE SCHEMA"), &[Text, Number, One(145)]), // CreateCatalogSchemaNode
    message(Plain, &[Many(2)]), // UnionNode
    message(Writes("CREATE DATABASE"), &[Text, Number, One(145)]), // CreateCatalogNode
    message(Plain, &[One(2), Vacant, One(111)]), // SubqueryAliasNode
    message(Writes("CREATE VIEW"), &[Vacant, One(2), Number, Free, One(111), Number]), // CreateViewNode
    message(Plain, &[One(2)]), // DistinctNode
    message(Plain, &[Vacant, One(2), One(135), One(134), Free, One(111)]), // ViewTableScanNode
    message(Plain, &[Vacant, One(134), One(135), Many(1), Codec(TableProvider), Table(111)]), // CustomTableScanNode
    message(Writes("PREPARE"), &[Text, Many(113), One(2), Many(133)]), // PrepareNode
    message(Writes("DROP VIEW"), &[One(111), Number, One(145)]), // DropViewNode
    message(Plain, &[Many(1), Many(1), Many(129), One(2)]), // DistinctOnNode
    message(Writes("COPY TO"), &[One(2), Text, Codec(FileFormat), Vacant, Vacant, Vacant, Texts]), // CopyToNode
    message(Plain, &[One(2), Many(4), Many(149), Numbers, Numbers, One(145), One(150)]), // UnnestNode
    message(Plain, &[Text, One(2), One(2), Number]), // RecursiveQueryNode
    message(Plain, &[Text, One(135)]), // CteWorkTableScanNode
    message(Writes("DML"), &[Number, One(2), One(111), Vacant, One(2), One(151)]), // DmlNode
    message(Plain, &[One(111), One(135), One(134), Many(1)]), // EmptyTableScanNode
    message(Plain, &[One(152), Vacant, One(153), One(154)]), // ParquetScanExecNode
    message(Plain, &[One(152), Number, Free, Free, Free, Free, Number, Number]), // CsvScanExecNode
    message(Plain, &[One(135), Count]), // EmptyExecNode
    message(Plain, &[One(3), Many(153), Texts]), // ProjectionExecNode
    message(Plain, &[One(3), Number, Number, Many(155)]), // GlobalLimitExecNode
    message(Plain, &[One(3), Number, Many(155)]), // LocalLimitExecNode
    message(Plain, &[Many(153), Many(153), Number, One(3), Texts, Texts, One(135), Many(153), Numbers, Many(156), One(157), Number, One(153), One(135)]), // AggregateExecNode
    message(Plain, &[One(3), One(3), Many(158), Number, Vacant, Number, Number, One(159), Numbers, Number, One(153), Number]), // HashJoinExecNode
    message(Plain, &[One(3), Many(153), Number, Number, One(153)]), // SortExecNode
    message(Plain, &[One(3), Number, Number]), // CoalesceBatchesExecNode
    message(Plain, &[One(3), One(153), Number, Vacant, Vacant, Vacant, Vacant, Vacant, Numbers, Number, Number]), // FilterExecNode
    message(Plain, &[One(3), Number]), // CoalescePartitionsExecNode
    message(Plain, &[One(3), Vacant, Vacant, Vacant, One(160), Number]), // RepartitionExecNode
    message(Plain, &[One(3), Many(161), Vacant, Vacant, Many(153), Vacant, One(162), One(163), One(162)]), // WindowAggExecNode
    message(Plain, &[One(3), One(3)]), // CrossJoinExecNode
    message(Plain, &[One(152)]), // AvroScanExecNode
    message(Plain, &[Codec(PhysicalNode), Many(3)]), // PhysicalExtensionNode
    message(Plain, &[Many(3)]), // UnionExecNode
    message(Plain, &[One(135), Many(164), Number]), // ExplainExecNode
    message(Plain, &[One(3), Many(153), Number]), // SortPreservingMergeExecNode
    message(Plain, &[One(3), One(3), Number, One(159), Numbers]), // NestedLoopJoinExecNode
    message(Plain, &[Number, Number, One(3), One(135), Number, Texts, Number]), // AnalyzeExecNode
    message(Writes("a JSON sink"), &[One(3), One(165), One(135), One(166)]), // JsonSinkExecNode
    message(Plain, &[One(3), One(3), Many(158), Number, Vacant, Number, Number, One(159), Many(155), Many(155)]), // SymmetricHashJoinExecNode
    message(Plain, &[Many(3)]), // InterleaveExecNode
    message(Plain, &[One(135), Count]), // PlaceholderRowExecNode
    message(Writes("a CSV sink"), &[One(3), One(167), One(135), One(166)]), // CsvSinkExecNode
    message(Writes("a Parquet sink"), &[One(3), One(168), One(135), One(166)]), // ParquetSinkExecNode
    message(Plain, &[One(3), One(135), Many(169), Numbers, One(150)]), // UnnestExecNode
    message(Plain, &[One(152)]), // JsonScanExecNode
    message(Plain, &[One(3)]), // CooperativeExecNode
    message(Plain, &[One(135), Number, One(170), One(171), One(172), One(173)]), // GenerateSeriesNode
    message(Plain, &[One(3), One(3), Many(158), Number, One(159), Many(129), Number]), // SortMergeJoinExecNode
    message(Plain, &[Streams, One(135), Numbers, Many(166), Number, Number]), // MemoryScanExecNode
    message(Plain, &[One(3), Many(153), Texts]), // AsyncFuncExecNode
    message(Plain, &[One(3), Number]), // BufferExecNode
    message(Plain, &[One(152)]), // ArrowScanExecNode
    message(Plain, &[One(3), Many(3)]), // ScalarSubqueryExecNode
    message(Plain, &[Text]), // ColumnRelation
    message(Plain, &[One(174), One(175), One(176)]), // TableReference
    message(Plain, &[Text, Free]), // map of string
    message(Type, &[One(162), One(162), One(162), One(162), One(162), One(162), One(162), One(162), One(162), One(162), One(162), One(162), One(162), One(162), One(162), Number, One(162), One(162), Number, One(177), Number, Number, Number, One(180), One(182), One(182), One(183), One(184), One(185), One(186), One(162), One(162), One(187), One(162), One(162), One(181), Vacant, Vacant, Vacant, One(178), One(179), One(188), One(182), One(182)]), // ArrowType
    message(Plain, &[Number, Number]), // ScalarTime32Value
    message(Batch, &[Header, Body, One(135), Many(189)]), // ScalarNestedValue
    message(Decimal, &[Bytes, Precision(9), Scale(9)]), // Decimal32
    message(Decimal, &[Bytes, Precision(18), Scale(18)]), // Decimal64
    message(Decimal, &[Bytes, Precision(38), Scale(38)]), // Decimal128
    message(Decimal, &[Bytes, Precision(76), Scale(76)]), // Decimal256
    message(Plain, &[Number, Number, Number, Number, Zone]), // ScalarTimestampValue
    message(Plain, &[One(113), One(6)]), // ScalarDictionaryValue
    message(Plain, &[Number, Number]), // ScalarTime64Value
    message(Plain, &[Number, Number]), // IntervalDayTimeValue
    message(Plain, &[Number, Number, Number]), // IntervalMonthDayNanoValue
    message(Plain, &[Bytes, Width]), // ScalarFixedSizeBinary
    message(Plain, &[Number, One(6), Many(190), Number]), // UnionValue
    message(Plain, &[One(133), One(133), One(6)]), // ScalarRunEndEncodedValue
    message(Plain, &[Again(1, 4), One(1)]), // WhenThen
    message(Plain, &[One(1), Number, Number]), // SortExprNode
    message(Plain, &[Number, One(191), One(191)]), // WindowFrame
    message(Plain, &[Many(1)]), // LogicalExprList
    message(Plain, &[Again(2, 4), ManyAgain(1, 4)]), // SubqueryNode
    message(Field, &[Text, One(113), Number, Many(133), Many(112)]), // Field
    message(Plain, &[Texts]), // ProjectionColumns
    message(Schema, &[Many(133), Many(112)]), // Schema
    message(Plain, &[Text, One(113)]), // PartitionColumn
    message(Plain, &[Vacant, Vacant, Vacant, Vacant, One(192)]), // CsvFormat
    message(Plain, &[Vacant, One(154)]), // ParquetFormat
    message(Plain, &[]), // AvroFormat
    message(Plain, &[One(193)]), // NdJsonFormat
    message(Plain, &[]), // ArrowFormat
    message(Plain, &[Many(129)]), // SortExprNodeCollection
    message(Plain, &[Many(1), Count]), // HashRepartition
    message(Plain, &[Many(129), Many(194)]), // RangeRepartition
    message(Schema, &[Many(195), Many(112)]), // DfSchema
    message(Plain, &[Many(196)]), // Constraints
    message(Plain, &[Text, One(1)]), // map of LogicalExprNode
    message(Plain, &[Number, Numbers]), // ExplainAnalyzeCategoriesNode
    message(Plain, &[Number, One(197)]), // ColumnUnnestListItem
    message(Plain, &[Vacant, Many(198), Number]), // UnnestOptions
    message(Plain, &[One(1), Many(199)]), // MergeIntoOpNode
    message(Plain, &[Many(200), One(135), Vacant, Numbers, One(201), One(202), Texts, Text, Many(166), Vacant, One(146), Number, One(203), Vacant, One(160)]), // FileScanExecConf
    message(Expr, &[One(204), One(6), One(205), One(206), One(207), One(208), One(209), One(210), One(211), One(155), One(212), One(213), Vacant, One(214), One(161), One(215), Vacant, One(216), One(217), One(218), One(219), One(220), One(221), One(222), One(223), One(224), One(225), Vacant, Vacant, Number]), // PhysicalExprNode
    message(Plain, &[One(226), Many(227), Many(112)]), // TableParquetOptions
    message(Plain, &[One(153), Number, Number]), // PhysicalSortExprNode
    message(Plain, &[One(153)]), // MaybeFilter
    message(Plain, &[Number, Number]), // AggLimit
    message(Plain, &[One(153), One(153)]), // JoinOn
    message(Plain, &[One(153), Many(228), One(135)]), // JoinFilter
    message(Plain, &[Count, One(229), Count, One(230)]), // Partitioning
    message(Plain, &[Vacant, Vacant, Name(AggregateUdf), Many(153), Many(153), Many(155), One(130), Text, Codec(WindowUdf), Name(WindowUdf), Number, Number]), // PhysicalWindowExprNode
    message(Plain, &[]), // EmptyMessage
    message(Plain, &[Vacant, Vacant, Vacant, Vacant, Vacant, Numbers]), // PartiallySortedInputOrderMode
    message(Plain, &[One(231), Free]), // StringifiedPlan
    message(Plain, &[One(232), One(233)]), // JsonSink
    message(Plain, &[Many(155)]), // PhysicalSortExprNodeCollection
    message(Plain, &[One(232), One(234)]), // CsvSink
    message(Plain, &[One(232), One(154)]), // ParquetSink
    message(Plain, &[Number, Count]), // ListUnnest
    message(Plain, &[Number]), // GenerateSeriesArgsContainsNull
    message(Plain, &[Number, Number, Number, Number, Number]), // GenerateSeriesArgsInt64
    message(Plain, &[Number, Number, One(124), Zone, Number, Number]), // GenerateSeriesArgsTimestamp
    message(Plain, &[Number, Number, One(124), Number, Number]), // GenerateSeriesArgsDate
    message(Plain, &[Text]), // BareTableReference
    message(Plain, &[Text, Text]), // PartialTableReference
    message(Plain, &[Text, Text, Text]), // FullTableReference
    message(Plain, &[Number, Text]), // Timestamp
    message(Plain, &[Vacant, Vacant, Number, Number]), // Decimal32Type
    message(Plain, &[Vacant, Vacant, Number, Number]), // Decimal64Type
    message(Plain, &[Vacant, Vacant, Number, Number]), // Decimal128Type
    message(Plain, &[Vacant, Vacant, Number, Number]), // Decimal256Type
    message(Plain, &[One(133)]), // List
    message(Plain, &[One(133), Number]), // FixedSizeList
    message(Plain, &[Many(133)]), // Struct
    message(Plain, &[Many(133), Number, Numbers]), // Union
    message(Plain, &[One(113), One(113)]), // Dictionary
    message(Plain, &[One(133), Number]), // Map
    message(Plain, &[One(133), One(133)]), // RunEndEncoded
    message(Batch, &[Header, Body]), // ScalarNestedValue.Dictionary
    message(Plain, &[Number, One(133)]), // UnionField
    message(Plain, &[Number, One(6)]), // WindowFrameBound
    message(Plain, &[Bytes, Bytes, Bytes, Bytes, Number, Number, Free, Free, Free, Free, Free, Free, Free, Bytes, Bytes, Bytes, Bytes, Bytes, Number, Number, Bytes, Bytes]), // CsvOptions
    message(Plain, &[Number, Number, Number, Number]), // JsonOptions
    message(Plain, &[Many(6)]), // RangeSplitPoint
    message(Plain, &[One(133), One(110)]), // DfField
    message(Plain, &[One(235), One(236)]), // Constraint
    message(Plain, &[One(4), Count]), // ColumnUnnestListRecursion
    message(Plain, &[One(4), One(4), Count]), // RecursionUnnestOption
    message(Plain, &[Number, One(1), One(237)]), // MergeIntoClauseNode
    message(Plain, &[Many(238)]), // FileGroup
    message(Plain, &[Number]), // ScanLimit
    message(Plain, &[One(239), One(239), Many(240)]), // Statistics
    message(Plain, &[Many(241)]), // ProjectionExprs
    message(Plain, &[Text, Number]), // PhysicalColumn
    message(Plain, &[One(153), One(153), Text, Chain(153)]), // PhysicalBinaryExprNode
    message(Plain, &[Vacant, Many(153), Number, Name(AggregateUdf), Many(155), Number, Codec(AggregateUdf), Text, Number]), // PhysicalAggregateExprNode
    message(Plain, &[One(153)]), // PhysicalIsNull
    message(Plain, &[One(153)]), // PhysicalIsNotNull
    message(Plain, &[One(153)]), // PhysicalNot
    message(Plain, &[One(153), Many(242), One(153)]), // PhysicalCaseNode
    message(Plain, &[Again(153, 3), One(113)]), // PhysicalCastNode
    message(Plain, &[One(153)]), // PhysicalNegativeNode
    message(Plain, &[Again(153, 2), Many(153), Number]), // PhysicalInListNode
    message(Plain, &[Again(153, 3), One(113)]), // PhysicalTryCastNode
    message(Plain, &[Name(ScalarUdf), Many(153), Codec(ScalarUdf), One(113), Number, Text]), // PhysicalScalarUdfNode
    message(Plain, &[Number, Number, One(153), One(153)]), // PhysicalLikeExprNode
    message(Plain, &[Codec(PhysicalExpr), Many(153)]), // PhysicalExtensionExprNode
    message(Plain, &[Text]), // UnknownColumn
    message(Plain, &[Many(153), Number, Vacant, Vacant, Vacant, Text]), // PhysicalHashExprNode
    message(Plain, &[One(113), Number, Number]), // PhysicalScalarSubqueryExprNode
    message(Plain, &[Many(153), Many(153), Number, One(153), Number]), // PhysicalDynamicFilterNode
    message(Plain, &[Name(HigherOrderUdf), Many(153), Codec(HigherOrderUdf)]), // PhysicalHigherOrderUdfNode
    message(Plain, &[Texts, One(153)]), // PhysicalLambdaExprNode
    message(Plain, &[Number, One(133)]), // PhysicalLambdaVariableExprNode
    message(Plain, &[Many(155), Many(243)]), // PhysicalRangeExprNode
    message(Plain, &[Number, Number, Number, Number, Number, Number, Number, Number, Free, Free, Number, Number, Free, Vacant, Number, Free, Number, Number, Free, Vacant, Eight, Number, Number, Number, Number, Number, Number, Number, Number, Number, Number, Free, Number, Number, One(244), Free, Number, Number]), // ParquetOptions
    message(Plain, &[Text, One(245)]), // ParquetColumnSpecificOptions
    message(Plain, &[Number, Number]), // ColumnIndex
    message(Plain, &[Many(153), Count]), // PhysicalHashRepartition
    message(Plain, &[Many(155), Many(243)]), // PhysicalRangePartitioning
    message(Plain, &[One(162), One(247), One(162), One(162), One(248), One(162), One(246), One(162), One(162), One(162), One(162), One(162), One(162)]), // PlanType
    message(Plain, &[Text, Many(238), Texts, One(135), Many(136), Vacant, Vacant, Vacant, Number, Number, Text, Number]), // FileSinkConfig
    message(Plain, &[Number]), // JsonWriterOptions
    message(Plain, &[Number, Free, Number, Free, Free, Free, Free, Free, Free, Free, Number, Number, Number, Number]), // CsvWriterOptions
    message(Plain, &[Numbers]), // PrimaryKeyConstraint
    message(Plain, &[Numbers]), // UniqueConstraint
    message(Plain, &[One(249), One(250), One(251)]), // MergeIntoActionNode
    message(Plain, &[Free, Number, Number, Many(6), One(252), One(202), One(135)]), // PartitionedFile
    message(Plain, &[Number, One(6)]), // Precision
    message(Plain, &[One(239), One(239), One(239), One(239), One(239), One(239)]), // ColumnStats
    message(Plain, &[Text, One(153)]), // ProjectionExpr
    message(Plain, &[One(153), One(153)]), // PhysicalWhenThen
    message(Plain, &[Many(6)]), // PhysicalRangeSplitPoint
    message(Plain, &[Number, Number, Number, Number]), // ParquetCdcOptions
    message(Plain, &[Number, Free, Number, Free, Free, Eight, Number]), // ParquetColumnOptions
    message(Plain, &[Text]), // AnalyzedLogicalPlanType
    message(Plain, &[Text]), // OptimizedLogicalPlanType
    message(Plain, &[Text]), // OptimizedPhysicalPlanType
    message(Plain, &[Many(253)]), // MergeUpdateAction
    message(Plain, &[Texts, Many(1)]), // MergeInsertAction
    message(Plain, &[]), // MergeDeleteAction
    message(Plain, &[Number, Number]), // FileRange
    message(Plain, &[Text, One(1)]), // MergeAssignment
];
