"""The model: what exists. Tables, constraints and domain rules; knows no JSON and no request."""
