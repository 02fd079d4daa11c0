"""From what is typed to a GraphQL document that also asks how the answer comes about."""

from dataclasses import replace

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    parse,
    print_ast,
)

from model.faults import Fault

WANTED = """{
  data totals subtotals
  columns { name title unit type }
  metadata {
    totalRows truncated groupCount queryTimeMs timezone notes
    dateRange { startDate endDate } compareRange { startDate endDate }
    plan sql
  }
}"""


def document_of(text: str) -> str:
    """A document that asks every `analytics` field in `text` for all that is told of an answer.

    `text` is a GraphQL query, or the arguments of one question alone. Raises Fault when it is neither.
    """
    text = text.strip()
    query = (
        text if text.startswith(("{", "query", "#", "fragment")) else f"{{ analytics({text}) {{ data }} }}"
    )
    try:
        found = parse(query, no_location=True)
    except GraphQLError as error:
        message = f"That is neither a GraphQL query nor the arguments of a question: {error.message}"
        raise Fault("GRAPHQL_PARSE_FAILED", message) from None
    return print_ast(_asking_all(found))


def _asking_all(document: DocumentNode) -> DocumentNode:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation is not OperationType.QUERY:
        raise Fault("GRAPHQL_VALIDATION_FAILED", "servery ask takes one query. Ask for one thing at a time.")
    operation = operations[0]
    wanted = parse(WANTED, no_location=True).definitions[0]
    assert isinstance(wanted, OperationDefinitionNode)  # noqa: S101  as it stands above
    selections = tuple(_with(each, wanted.selection_set) for each in operation.selection_set.selections)
    asked = replace(operation, selection_set=SelectionSetNode(selections=selections))
    definitions = tuple(asked if each is operation else each for each in document.definitions)
    return replace(document, definitions=definitions)


def _with(selection: SelectionNode, wanted: SelectionSetNode) -> SelectionNode:
    if not isinstance(selection, FieldNode) or selection.name.value != "analytics":
        raise Fault("GRAPHQL_VALIDATION_FAILED", "servery ask answers 'analytics' only, without fragments.")
    return replace(selection, selection_set=wanted)
