"""Who a customer is: identity on proof, and what the customer is worth."""
