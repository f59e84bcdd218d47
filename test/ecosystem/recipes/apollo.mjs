import { once } from 'node:events';

import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';

import { closeServer, port, ready, slow, start } from './common.mjs';

const shutdown = start();
const work = slow(shutdown);
const app = express();
const typeDefs = 'type Query { fast: String, slow: String }';
const resolvers = { Query: { fast: () => 'fast', slow: work } };
const plugins = [{ serverWillStart: async () => ({ serverWillStop: async () => console.log('serverWillStop') }) }];
// The recipe:
const apollo = new ApolloServer({ typeDefs, resolvers, plugins, stopOnTerminationSignals: false });
await apollo.start();
shutdown.add('apollo', () => apollo.stop());
app.use('/graphql', express.json(), expressMiddleware(apollo));
const server = app.listen(port);
shutdown.add('http', closeServer(server));
// Its end.
await once(server, 'listening');
ready(server);
