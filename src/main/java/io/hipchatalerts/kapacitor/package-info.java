/** What a Kapacitor user has already: its configuration and topic handler files, read as Kapacitor reads them. */
package io.hipchatalerts.kapacitor;
