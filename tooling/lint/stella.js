/**
 * Rules of ours that no library has. One connection runs one statement at a time: parallel promises in a transaction
 * queue up on PostgreSQL, and on MongoDB they are an error of the driver or interleave.
 */
const parallel = new Set(["all", "allSettled", "any", "race"]);
const unitOfWork = /^(?:transaction|withTransaction|atomically|unit|inUnit|unitOfWork|inTransaction)$/;

const calledName = (node) => {
  if (node.callee.type === "Identifier") return node.callee.name;
  return node.callee.type === "MemberExpression" && node.callee.property.type === "Identifier"
    ? node.callee.property.name
    : "";
};

const isParallel = ({ callee }) =>
  callee.type === "MemberExpression" &&
  callee.object.type === "Identifier" &&
  callee.object.name === "Promise" &&
  parallel.has(callee.property.name);

const isUnitOfWork = (node) => {
  const { parent } = node;
  return parent?.type === "CallExpression" && parent.arguments.includes(node) && unitOfWork.test(calledName(parent));
};

const isFunction = (node) => node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression";

const noParallelInTransaction = {
  create: (context) => ({
    CallExpression(node) {
      if (!isParallel(node)) return;
      for (let outer = node.parent; outer; outer = outer.parent) {
        if (!isFunction(outer) || !isUnitOfWork(outer)) continue;
        context.report({
          node,
          message:
            "One transaction runs one statement at a time: await them one after the other, or make them one batch.",
        });
        return;
      }
    },
  }),
};

export default { meta: { name: "stella" }, rules: { "no-parallel-in-transaction": noParallelInTransaction } };
