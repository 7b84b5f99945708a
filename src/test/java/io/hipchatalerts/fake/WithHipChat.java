package io.hipchatalerts.fake;

import io.quarkus.test.common.WithTestResource;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Starts a HipChat and configures the program to use it. Classes with equal settings that run one after the other share both. */
@WithTestResource(HipChatResource.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface WithHipChat {

    /** Further settings, as in a properties file. Not an array: Quarkus compares the values to find equal settings. */
    String value() default "";
}
