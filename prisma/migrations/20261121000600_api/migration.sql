-- Secrets that a deployment makes for itself when none are configured.
CREATE TABLE "deployment_secrets" (
    "name" TEXT NOT NULL,
    "secret" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deployment_secrets_pkey" PRIMARY KEY ("name")
);

-- Made once, then only read.
REVOKE UPDATE, DELETE ON "deployment_secrets" FROM lootledger_app;

-- A device secret finds its player.
CREATE UNIQUE INDEX "credentials_kind_hash_key" ON "credentials"("kind", "hash");
