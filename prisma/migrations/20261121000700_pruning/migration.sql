-- Old refresh tokens are deleted every hour; without it each time reads the whole table.
CREATE INDEX "refresh_tokens_expires_at_idx" ON "refresh_tokens"("expires_at");
