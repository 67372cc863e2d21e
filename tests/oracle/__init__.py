"""What the providers' own packages make of recorded exchanges; nothing here knows how the product reads them."""
