/** The stores of the records: registers that compare and set. */
package io.hipchatalerts.state.store;
