import type { MariadbServer } from './mariadb-server.ts';

/** Databases with what a dump can get wrong: other alphabets, blobs, keys, names and values that look like lines of a dump. */
export const SITE = `
  CREATE USER codimd IDENTIFIED BY 'of that night'; GRANT ALL ON codimd.* TO codimd;
  CREATE DATABASE codimd; CREATE DATABASE shlink COLLATE utf8mb4_unicode_ci; CREATE DATABASE speedtest; CREATE DATABASE wrongmove;
  USE codimd;
  CREATE TABLE Users (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(80)) DEFAULT CHARSET=utf8mb4;
  CREATE TABLE Notes (id INT PRIMARY KEY AUTO_INCREMENT, owner INT, body LONGTEXT, attached LONGBLOB, score DOUBLE, at TIMESTAMP NULL,
    FOREIGN KEY (owner) REFERENCES Users (id)) DEFAULT CHARSET=utf8mb4;
  CREATE TABLE \`odd \`\`name (x) VALUES\` (id INT PRIMARY KEY, \`key) VALUES\` TEXT, doubled INT AS (id * 2) STORED);
  CREATE TABLE Empty (id INT);
  INSERT INTO Users (name) VALUES ('größer'), ('短い🙂'), ('O''Neil\\\\n),(\\n('), (NULL);
  INSERT INTO Notes (owner, body, attached, score, at) SELECT 1 + seq % 4, REPEAT(MD5(seq), 20), UNHEX(SHA2(seq, 512)), RAND(seq), FROM_UNIXTIME(1770000000 + seq) FROM seq_1_to_3000;
  INSERT INTO \`odd \`\`name (x) VALUES\` (id, \`key) VALUES\`) VALUES (1, ') VALUES (2,\\'-- Current Database: \`shlink\`\\n-- Current Database: \`shlink\`\\nDROP TABLE x;');
  USE shlink; CREATE TABLE short_urls (id INT PRIMARY KEY); INSERT INTO short_urls VALUES (1), (2);
  USE speedtest; CREATE TABLE results (id INT); CREATE VIEW latest AS SELECT MAX(id) FROM results;
  CREATE TRIGGER positive BEFORE INSERT ON results FOR EACH ROW SET NEW.id = ABS(NEW.id);
  USE wrongmove; CREATE TABLE listings (id INT PRIMARY KEY, price INT); INSERT INTO listings VALUES (1, 250), (2, 310);
`;

/** What MySQL adds to a whole dump of a member of a group, which MariaDB has not. */
export const OF_MYSQL = `SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;

--
-- GTID state at the beginning of the backup
--

SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '0dc1bd0f-2a4b-11f1-9a4c-0a58ac100a05:1-77,
6f5c6a2e-2a4b-11f1-a3f7-0a58ac100a05:1-920117';

`;

/** What stands behind the rows of the last database: of a member of a group, in a dump with --single-transaction, with the server's own statistics. */
export const BEHIND_THE_LAST = `
--
-- GTID state at the end of the backup
--

SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '0dc1bd0f-2a4b-11f1-9a4c-0a58ac100a05:1-77,
6f5c6a2e-2a4b-11f1-a3f7-0a58ac100a05:1-920117';
SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!50606 SET GLOBAL INNODB_STATS_AUTO_RECALC=@OLD_INNODB_STATS_AUTO_RECALC */;
`;

/** The metadata of the group of that night. */
export const OF_CLUSTER = `--
-- Current Database: \`mysql_innodb_cluster_metadata\`
--

CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`mysql_innodb_cluster_metadata\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;

USE \`mysql_innodb_cluster_metadata\`;
CREATE TABLE \`clusters\` (\`cluster_id\` char(36) NOT NULL);
INSERT INTO \`clusters\` VALUES ('of that night');
`;

/** An application that adds one user after the other, and what it was told to be there. */
export function writes(server: MariadbServer) {
  const acknowledged: string[] = [];
  let isOver = false;
  const all = (async () => {
    for (let index = 0; !isOver; index++) {
      const name = `written ${index}`;
      const done = await server.sql(`INSERT INTO Users (name) VALUES ('${name}')`, 'codimd').then(
        () => true,
        () => false,
      );
      if (done) acknowledged.push(name);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await all;
      return acknowledged;
    },
  };
}
