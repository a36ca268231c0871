"""The arguments of DataFusion's functions, as Python sees them.

A name that `ARGUMENTS` lists has the arguments of its line, which are those of the `datafusion`
wheel; ``list_*`` goes by the line of ``array_*``. Any other function has the arguments that
DataFusion's documentation names. So a line is needed only where somebody relies on the names.
"""

from __future__ import annotations

import ast
import keyword
import re
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from planwire import _internal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planwire._internal import FunctionDoc

# `a?` may be left out, `a=1` is 1 where it is left out and a later one is not, `*a` is any number;
# `'a` is text by its nature, so that a string is itself there.
# The names in `OPTIONS` are clauses of the call rather than arguments of the function.
ARGUMENTS = {
    "": """current_date current_time current_timestamp file_row_index input_file_name now pi rand
        random today uuid version""",
    "*args": "array_cat array_concat coalesce concat greatest least make_array make_list row struct"
    " to_local_time",
    "*arrays": "arrays_zip list_zip",
    "arg": """abs acos acosh arrow_typeof ascii asin asinh atan atanh bit_length cbrt ceil
        character_length chr cos cosh cot degrees exp factorial floor iszero ln log2 log10 lower md5
        octet_length radians reverse sha224 sha256 sha384 sha512 signum sin sinh sqrt tan tanh
        to_hex upper""",
    "arg, *'formatters": """to_date to_time to_timestamp to_timestamp_micros to_timestamp_millis
        to_timestamp_nanos to_timestamp_seconds""",
    "arg, 'characters?": "btrim ltrim rtrim trim",
    "arg, filter": "stddev_samp",
    "arg, 'formatter": "date_format to_char",
    "arg, shift_offset=1, 'default_value?, partition_by, order_by, null_treatment": "lag lead",
    "arg, 'suffix": "ends_with",
    "arg, 'timezone?": "from_unixtime",
    "array": """array_any_value array_avg array_compact array_dims array_distinct array_empty
        array_max array_min array_ndims array_normalize array_pop_back array_pop_front array_product
        array_reverse array_sum cardinality empty flatten""",
    "array, begin, end, stride?": "array_slice",
    "array, dimension?": "array_length",
    "array, element": """array_append array_contains array_positions array_push_back array_remove
        array_remove_all list_has""",
    "array, element, index=1": "array_indexof array_position",
    "array, element, max": "array_remove_n",
    "array, from_val, to_val": "array_replace array_replace_all",
    "array, from_val, to_val, max": "array_replace_n",
    "array, n": "array_element array_extract",
    "array, predicate": "any_match array_any_match array_filter array_first",
    "array, scalar": "array_scale",
    "array, size, value?": "array_resize",
    "array, transform": "array_transform",
    "array1, array2": """array_add array_distance array_except array_intersect array_subtract
        array_union cosine_distance dot_product inner_product""",
    "base, exponent": "pow power",
    "base, num?": "log",
    "element, array": "array_prepend array_push_front",
    "element, count": "array_repeat",
    "expr": "arrow_field isnan",
    "expr, *'names": "get_field",
    "expr, 'delimiter, 'null_string?": "array_join array_to_string",
    "expr, 'encoding": "decode encode",
    "expr, 'key?": "arrow_metadata",
    "expr1, expr2": "nullif",
    "expression, 'delimiter, distinct, filter, order_by": "string_agg",
    "expression, distinct, filter": "avg bit_and bit_or bit_xor grouping mean median sum",
    "expression, distinct, filter, order_by": "array_agg",
    "expression, filter": """any_value approx_distinct approx_median bool_and bool_or max min stddev
        stddev_pop var var_pop var_population var_samp var_sample""",
    "expression, filter, order_by, null_treatment": "first_value last_value",
    "expression, n, filter, order_by, null_treatment": "nth_value",
    "first_array, second_array": "array_has array_has_all array_has_any arrays_overlap",
    "groups, partition_by, order_by": "ntile",
    "hour, minute, second": "make_time",
    "map": "map_entries map_keys map_values",
    "map, key": "element_at map_extract",
    "num, precision?": "trunc",
    "'part, date": "date_part date_trunc datepart datetrunc",
    "partition_by, order_by": "cume_dist dense_rank percent_rank rank row_number",
    "'separator, *args": "concat_ws",
    "sort_expression, percentile, distinct, filter": "percentile_cont quantile_cont",
    "sort_expression, percentile, num_centroids?, filter": "approx_percentile_cont",
    "sort_expression, weight, percentile, num_centroids?, filter": """
        approx_percentile_cont_with_weight""",
    "'stride, 'source, 'origin?": "date_bin",
    "string": "char_length initcap length",
    "string, *'format_arguments": "to_unixtime",
    "string, count, 'characters?": "lpad rpad",
    "string, 'delimiter, count": "substr_index substring_index",
    "string, 'delimiter, index": "split_part",
    "string, 'delimiter, 'null_string?": "string_to_array string_to_list",
    "string, 'from_val, 'to_val": "replace translate",
    "string, n": "left repeat right",
    "string, 'pattern, 'replacement, 'flags?": "regexp_replace",
    "string, 'pattern, start=1, 'flags?": "regexp_count",
    "string, position, length?": "substr substring",
    "string, 'prefix": "starts_with",
    "string, 'regex, 'flags?": "regexp_like regexp_match",
    "string, 'search_str": "contains",
    "string, 'string_list": "find_in_set",
    "string, 'substring": "instr position strpos",
    "string, 'substring, start, length?": "overlay",
    "string1, 'string2": "levenshtein",
    "union_expr": "union_tag",
    "union_expr, 'field_name": "union_extract",
    "value, decimal_places?": "round",
    "value, 'method": "digest",
    "value, type_ref": "cast_to_type try_cast_to_type",
    "value_y, value_x, filter": "corr covar covar_pop covar_samp",
    "values, 'regex, start=1, n=1, 'flags='', sub_expr=0": "regexp_instr",
    "x, y": "gcd ifnull lcm nanvl nvl",
    "x, y, z": "nvl2",
    "y, x": "atan2",
    "y, x, filter": """regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
        regr_sxy regr_syy""",
    "year, month, day": "make_date",
}

# The clauses that a call of each kind of function may have, in the order of their keywords.
OPTIONS = {
    "scalar": (),
    "higher-order": (),
    "aggregate": ("distinct", "filter", "order_by", "null_treatment"),
    "window": ("partition_by", "order_by", "null_treatment"),
}
_EVERY_OPTION = {option for options in OPTIONS.values() for option in options}

_LINES = {name: line for line, names in ARGUMENTS.items() for name in names.split()}


def of(name: str, doc: FunctionDoc) -> Signature:
    """Return the signature of a function."""
    parameters = list(_parameters(_line(name, doc)))
    # An ordered-set aggregate has its order in its first argument.
    taken = {parameter.name for parameter in parameters}
    if doc.within_group:
        taken.add("order_by")
    more = [option for option in OPTIONS[doc.kind] if option not in taken]
    parameters += [_option(option, Parameter.KEYWORD_ONLY) for option in more]
    return Signature(parameters, return_annotation=_internal.Expr)


def texts(name: str, doc: FunctionDoc) -> frozenset[str]:
    """Return the names of the arguments that are text, in which a string is itself."""
    return frozenset(re.findall(r"'(\w+)", _line(name, doc)))


def _line(name: str, doc: FunctionDoc) -> str:
    """Return the arguments of a function as `ARGUMENTS` writes them."""
    line = _LINES.get(name) or _LINES.get(name.replace("list_", "array_", 1))
    if line is None and name not in _LINES:
        line = _from_syntax(doc.syntax)
    return line or ""


def arguments(signature: Signature) -> list[Parameter]:
    """Return the parameters that the function itself gets."""
    return [p for p in signature.parameters.values() if p.name not in _EVERY_OPTION]


def _parameters(line: str) -> Iterator[Parameter]:
    kind: Any = Parameter.POSITIONAL_OR_KEYWORD
    for word in filter(None, re.sub(r"'(?=\w)", "", line).split(", ")):
        if word in _EVERY_OPTION:
            yield _option(word, kind)
        elif word.startswith("*"):
            yield Parameter(word[1:], Parameter.VAR_POSITIONAL)
            kind = Parameter.KEYWORD_ONLY
        elif word.endswith("?"):
            yield Parameter(word[:-1], kind, default=None)
        else:
            name, default, value = word.partition("=")
            yield Parameter(
                name, kind, default=ast.literal_eval(value) if default else Parameter.empty
            )


def _option(name: str, kind: Any) -> Parameter:
    return Parameter(name, kind, default=False if name == "distinct" else None)


def _from_syntax(syntax: str) -> str:
    """Read the line of arguments from a call in SQL, as in ``f(a[, b[, ...]])``."""
    call = syntax.partition("\n")[0]
    words: dict[str, str] = {}
    depth = 0
    for token in re.findall(
        r"\[|\]|\.\.\.|[A-Za-z_]\w*", call.partition("(")[2].rpartition(")")[0]
    ):
        if token in "[]":
            depth += 1 if token == "[" else -1
        elif token == "...":
            words["..."] = "*args"
            break
        elif not token.isupper():
            words.setdefault(token, token + "_" * keyword.iskeyword(token) + "?" * bool(depth))
    return ", ".join(words.values())
