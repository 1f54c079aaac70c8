"""The verbs, in the order in which the data pass them.

fetch → conform → validate → certify → standardise → prepare → compute → publish. Each step is a function from what came
before to one immutable result in the store; called again on the same input it finds the result and does nothing.
`run.Run` strings them together; Dagster and the command line both go through it.
"""
