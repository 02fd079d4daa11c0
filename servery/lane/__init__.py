"""The fast lane: requests that were answered before are answered again without GraphQL."""
