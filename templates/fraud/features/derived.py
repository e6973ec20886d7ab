"""The same language in Python: a table of users without time, and a second service."""

from featurectl import Feature, FeatureService, FeatureView, FileSource

users = FileSource("users", path="data/users.parquet", event_timestamp=None)

user_profile = FeatureView(
    "user_profile",
    description="What a user told us when the account was opened.",
    entities=["user"],
    source=users,
    ttl="none",  # a row without time never expires
    features={
        "home_country": Feature("string", description="ISO code"),
        "account_opened": "date",
    },
)

spend_limit_v1 = FeatureService(
    "spend_limit_v1",
    description="Sets a user's limit for the day.",
    owner="limits@example.com",
    features=["user_spend:spend_30d", "user_spend:transactions_30d", user_profile],
)
