"""Who an order, a parcel or a session belongs to: kept from earlier events, asked by those that do not say. Pure."""
