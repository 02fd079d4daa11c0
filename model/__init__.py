"""What may be asked: tables, metrics, dimensions and the questions over them. Pure; knows no other room."""
