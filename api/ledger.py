"""The ledger on screen: items, lots with their balances and movements, locations, and scans."""

from flask_smorest import Blueprint

blueprint = Blueprint("ledger", __name__, url_prefix="/api", description="Items, lots, stock")
