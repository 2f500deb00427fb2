/** What the databases of the site hold. Each is set up by the scenarios that need it. */
export interface LabDatabases {}
