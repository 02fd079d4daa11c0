"""The GraphQL face: types made from the model, and faults as errors. The only room that knows strawberry."""
