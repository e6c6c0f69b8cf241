"""A chat model that speaks the OpenAI form over real HTTP and says what a test laid down."""
