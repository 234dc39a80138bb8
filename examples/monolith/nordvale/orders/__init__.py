"""From the first quote to the delivered parcel."""
