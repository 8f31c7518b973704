-- Set while a topic is taken out of Kafka and out of the tables: nobody finds it, and its name is not free yet.
ALTER TABLE "own_topics" ADD COLUMN "deleting_since" TIMESTAMPTZ(6);
