import GRDB

/// The tables, as each version of the program made them.
enum Migrations {
  static var all: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(
        sql: """
          -- Steps of cases, and words to the operator that belong to none. Times are microseconds since 1970.
          CREATE TABLE transition_ (
            id INTEGER PRIMARY KEY,
            case_number INTEGER,
            step INTEGER,
            time INTEGER NOT NULL,
            action TEXT NOT NULL,
            subject TEXT,
            policy TEXT,
            reason TEXT NOT NULL,
            actor TEXT,
            due INTEGER,
            evidence TEXT NOT NULL,
            readings TEXT NOT NULL,
            UNIQUE (case_number, step)
          );
          CREATE INDEX transition_time ON transition_ (time);
          CREATE INDEX transition_subject ON transition_ (subject);
          -- What the world outside must do for a step.
          CREATE TABLE order_ (
            id INTEGER PRIMARY KEY,
            transition_id INTEGER NOT NULL UNIQUE REFERENCES transition_ (id) ON DELETE CASCADE,
            case_number INTEGER NOT NULL,
            subject TEXT NOT NULL,
            kind TEXT NOT NULL,
            is_done INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            outcome TEXT
          );
          CREATE INDEX order_pending ON order_ (is_done, id);
          CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("2") { database in
      try database.execute(
        sql: """
          -- Queued messages that an operator wants deleted, held until then.
          CREATE TABLE deletion (
            subject TEXT PRIMARY KEY,
            ids TEXT NOT NULL,
            due INTEGER NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL
          ) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("3") { database in
      try database.execute(
        sql: """
          -- The engine's own count of its steps: what is decided again after a crash is taken once.
          ALTER TABLE transition_ ADD COLUMN serial INTEGER;
          CREATE UNIQUE INDEX transition_serial ON transition_ (serial);
          """)
    }
    migrator.registerMigration("releases") { database in
      try database.execute(
        sql: """
          -- Queued messages that are let go a little at a time, in the order of their numbers.
          CREATE TABLE release_ (
            number INTEGER PRIMARY KEY,
            queue_id TEXT NOT NULL UNIQUE,
            subject TEXT NOT NULL,
            arrival INTEGER NOT NULL
          );
          CREATE INDEX release_subject ON release_ (subject);
          -- When the deletion was ordered: what arrived later under one of its ids is another message.
          ALTER TABLE deletion ADD COLUMN planned INTEGER NOT NULL DEFAULT 0;
          """)
    }
    migrator.registerMigration("alerts") { database in
      try database.execute(
        sql: """
          -- Words to the operator. Of a channel: 0 has still to send it, 1 has sent it, 2 does without it.
          CREATE TABLE alert (
            id INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT,
            case_number INTEGER,
            text TEXT NOT NULL,
            count INTEGER NOT NULL,
            webhook INTEGER NOT NULL DEFAULT 0,
            mail INTEGER NOT NULL DEFAULT 0
          );
          CREATE INDEX alert_text ON alert (text, time);
          CREATE INDEX alert_time ON alert (time);
          CREATE INDEX alert_webhook ON alert (id) WHERE webhook = 0;
          CREATE INDEX alert_mail ON alert (id) WHERE mail = 0;
          """)
    }
    migrator.registerMigration("notices") { database in
      try database.execute(
        sql: """
          -- Mail to customers, a row for each recipient of an order. State: waiting, sending (handed to the mail
          -- system, or not: a crash may have come between), sent, delivered, bounced.
          CREATE TABLE notice (
            id INTEGER PRIMARY KEY,
            order_id INTEGER NOT NULL REFERENCES order_ (id) ON DELETE CASCADE,
            recipient TEXT NOT NULL,
            has_link INTEGER NOT NULL,
            facts TEXT NOT NULL,
            state TEXT NOT NULL,
            time INTEGER NOT NULL,
            message_id TEXT,
            queue_id TEXT,
            UNIQUE (order_id, recipient)
          );
          CREATE INDEX notice_state ON notice (state);
          CREATE INDEX notice_message ON notice (message_id);
          CREATE INDEX notice_recipient ON notice (recipient, time);
          """)
    }
    return migrator
  }
}
