-- What a drop table says besides its entries: what it guarantees, its pity, its declared total.
ALTER TABLE "drop_tables" ADD COLUMN     "rules" JSONB NOT NULL DEFAULT '{}';

-- Consecutive UTC days with a finished match, up to the last of them.
CREATE TABLE "player_streaks" (
    "player_id" UUID NOT NULL,
    "days" INTEGER NOT NULL,
    "last_day" DATE NOT NULL,

    CONSTRAINT "player_streaks_pkey" PRIMARY KEY ("player_id")
);

-- Draws of a table since the player last got the entry its pity is about.
CREATE TABLE "pity_counters" (
    "player_id" UUID NOT NULL,
    "table_code" TEXT NOT NULL,
    "misses" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "pity_counters_pkey" PRIMARY KEY ("player_id","table_code")
);

-- Draws on their way into the totals below: settlement adds rows of its own and waits for nobody, the roll-up takes them.
CREATE TABLE "drop_draws" (
    "id" BIGSERIAL NOT NULL,
    "table_code" TEXT NOT NULL,
    "table_version" INTEGER NOT NULL,
    "variant" TEXT NOT NULL,
    "entry" TEXT NOT NULL,
    "draw_count" INTEGER NOT NULL,

    CONSTRAINT "drop_draws_pkey" PRIMARY KEY ("id")
);

-- How often each entry was drawn; `variant` is '' under the published odds, else the modifiers that applied.
CREATE TABLE "drop_observations" (
    "table_code" TEXT NOT NULL,
    "table_version" INTEGER NOT NULL,
    "variant" TEXT NOT NULL,
    "entry" TEXT NOT NULL,
    "draw_count" BIGINT NOT NULL,

    CONSTRAINT "drop_observations_pkey" PRIMARY KEY ("table_code","table_version","variant","entry")
);

ALTER TABLE "player_streaks" ADD CONSTRAINT "player_streaks_days" CHECK (days > 0);
ALTER TABLE "pity_counters" ADD CONSTRAINT "pity_counters_misses" CHECK (misses >= 0);
ALTER TABLE "drop_draws" ADD CONSTRAINT "drop_draws_count" CHECK (draw_count > 0);
ALTER TABLE "drop_observations" ADD CONSTRAINT "drop_observations_count" CHECK (draw_count > 0);
